package main

import (
	"context"
	"fmt"
	"reflect"

	"github.com/hemilith/hemilith/bench/echo"
)

// apiDialer calls by way of api.
func apiDialer(api echo.API) dialer {
	return func(ctx context.Context, p payload, _ int) (caller, error) {
		if p == tiny {
			call := addCaller(api)
			return call, call(ctx, 1)
		}
		want := echo.Sample()
		got, err := api.Echo(ctx, want)
		if err == nil && !reflect.DeepEqual(got, want) {
			err = fmt.Errorf("echo: got %+v, want %+v", got, want)
		}
		return echoCaller(api, want), err
	}
}

func addCaller(api echo.API) caller {
	var a int64
	return func(ctx context.Context, n int) error {
		for range n {
			a++
			sum, err := api.Add(ctx, a, 1_000_003)
			if err := checkSum(a, sum, err); err != nil {
				return err
			}
		}
		return nil
	}
}

func echoCaller(api echo.API, o echo.Order) caller {
	return func(ctx context.Context, n int) error {
		for range n {
			o.ID++
			back, err := api.Echo(ctx, o)
			if err := checkOrder(o.ID, back.ID, len(back.Lines), err); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkSum checks the answer to a + 1,000,003.
func checkSum(a, sum int64, err error) error {
	if err != nil {
		return err
	}
	if sum != a+1_000_003 {
		return fmt.Errorf("add(%d, 1000003): got %d", a, sum)
	}
	return nil
}

// sampleLines is the number of lines of the order that is echoed.
const sampleLines = 6

// checkOrder checks what each answer must have; a whole one was compared before.
func checkOrder(want, got int64, lines int, err error) error {
	if err != nil {
		return err
	}
	if got != want || lines != sampleLines {
		return fmt.Errorf("echo of order %d: got order %d with %d lines, want %d", want, got, lines, sampleLines)
	}
	return nil
}

// plainClient calls the component as any Go program does.
func plainClient(ctx context.Context, _ task, drive driver) error {
	return drive(ctx, apiDialer(echo.New()))
}
