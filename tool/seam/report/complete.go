package report

import (
	"math"
	"reflect"
)

// endless stands for numbers without bound, such as the score of a cut that
// leaves one half empty: JSON has none for that.
const endless = math.MaxFloat64

// Complete replaces lists and maps that are null by empty ones, as the schema
// promises, and numbers that JSON can't write: infinity by the largest number,
// and what is none by 0. Call it once, when the report is made.
func (r *Report) Complete() { complete(reflect.ValueOf(r)) }

func complete(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			complete(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			complete(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			complete(v.Index(i))
		}
	case reflect.Float64:
		switch f := v.Float(); {
		case math.IsNaN(f):
			v.SetFloat(0)
		case math.IsInf(f, 0):
			v.SetFloat(math.Copysign(endless, f))
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	}
}
