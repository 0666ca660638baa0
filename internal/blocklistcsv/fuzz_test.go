package blocklistcsv_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/blocklistcsv"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

var wholeNumber = regexp.MustCompile(`\d{7,}`)

// Any text yields rows with ascending numbers, or a short error that quotes no whole
// number.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "number", "number,note\n+1 650 555 0100,spam\n", "\ufeffnumber;note\r\n4,91511E+11;\"a\n\"\r\n", "n\x00u\x00", "user_id\tuntil\nUS.1\t2026-01-01\n",
		"number,note\n=\"+1\",\"\n", "number,number\n", "\"number\" , \"note\" \n\"\"\"\" ,", "number\n1\n1\n2\n", "phone number\r+16505550100\r", "16505550100;x",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, expires bool) {
		read := blocklistcsv.Read
		if expires {
			read = func(text string) ([]blocklistcsv.Row, error) {
				return blocklistcsv.ReadAt(text, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
			}
		}
		rows, err := read(text)
		if err != nil {
			const longest = 10_000
			if len(rows) > 0 || len(err.Error()) > longest {
				t.Fatalf("%d rows with an error of %d bytes", len(rows), len(err.Error()))
			}
			_, isOfRows := errors.AsType[*blocklistcsv.RowsError](err)
			if quoted := wholeNumber.FindString(err.Error()); isOfRows && quoted != "" && !strings.Contains("13491208655302741918 12345678", quoted) {
				t.Fatalf("the error quotes %s: %v", quoted, err)
			}
			return
		}
		number, users := 1, map[userid.ID]bool{}
		for _, row := range rows {
			if row.Number <= number || row.Number > strings.Count(text, "\n")+strings.Count(text, "\r")+1 || row.User.IsZero() || users[row.User] {
				t.Fatalf("row %d of %s after row %d", row.Number, row.User, number)
			}
			number = row.Number
			users[row.User] = true
		}
	})
}
