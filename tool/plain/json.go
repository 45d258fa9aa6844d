package plain

import (
	"bytes"
	"encoding/json"
	"io"
)

// JSON writes a value as indented JSON with a final newline. Its strings are what they
// were to those who read JSON, and no command to those who read lines.
func JSON(w io.Writer, v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	// Outside of strings there is no #.
	_, err := w.Write(bytes.ReplaceAll(text.Bytes(), []byte("##["), []byte(`\u0023#[`)))
	return err
}
