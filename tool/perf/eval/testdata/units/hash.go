package units

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash/adler32"
	"hash/crc32"
	"hash/crc64"
	"hash/fnv"
)

func NewSHA1() func() int {
	data := noise(700)
	return func() int { return int(sha1.Sum(data)[0]) }
}

func NewSHA256() func() int {
	data := noise(900)
	return func() int { return int(sha256.Sum256(data)[0]) }
}

func NewSHA512() func() int {
	data := noise(500)
	return func() int { return int(sha512.Sum512(data)[0]) }
}

func NewMD5() func() int {
	data := noise(400)
	return func() int { return int(md5.Sum(data)[0]) }
}

func NewHMAC() func() int {
	key, data := noise(32), noise(200)
	return func() int {
		h := hmac.New(sha256.New, key)
		h.Write(data)
		return int(h.Sum(nil)[0])
	}
}

func NewCRC32() func() int {
	data, table := noise(4000), crc32.MakeTable(crc32.Koopman)
	return func() int { return int(crc32.Checksum(data, table) & 0xff) }
}

func NewCRC64() func() int {
	data, table := noise(900), crc64.MakeTable(crc64.ECMA)
	return func() int { return int(crc64.Checksum(data, table) & 0xff) }
}

func NewAdler32() func() int {
	data := noise(2000)
	return func() int { return int(adler32.Checksum(data) & 0xff) }
}

func NewFNV() func() int {
	data := noise(900)
	return func() int {
		h := fnv.New64a()
		h.Write(data)
		return int(h.Sum64() & 0xff)
	}
}
