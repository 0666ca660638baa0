package blocklistcsv_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/d360/terraform-provider-d360/internal/blocklistcsv"
)

// formatRows formats rows like "2:16505550100=note".
func formatRows(rows []blocklistcsv.Row) string {
	written := make([]string, len(rows))
	for i, row := range rows {
		written[i] = fmt.Sprintf("%d:%s=%s", row.Number, row.User, row.Note)
	}
	return strings.Join(written, " ")
}

func TestRead(t *testing.T) {
	t.Parallel()

	const two = "2:16505550100=spam 3:447700900123="
	for name, test := range map[string]struct{ text, want string }{
		"commas":                       {"number,note\n+1 650 555 0100,spam\n+44 7700 900123,\n", two},
		"semicolons":                   {"number;note\n+1 650 555 0100;spam\n+44 7700 900123;\n", two},
		"tabs":                         {"number\tnote\n+1 650 555 0100\tspam\n+44 7700 900123\t\n", two},
		"tabs with an empty cell":      {"name\tnumber\tnote\n\t+1 650 555 0100\tspam\n\t+44 7700 900123\t\n", two},
		"byte-order mark":              {"\ufeffnumber,note\n+1 650 555 0100,spam\n+44 7700 900123,\n", two},
		"byte-order mark and quotes":   {"\ufeff\"number\";\"note\"\n\"+1 650 555 0100\";\"spam\"\n\"+44 7700 900123\";\"\"\n", two},
		"CRLF":                         {"number,note\r\n+1 650 555 0100,spam\r\n+44 7700 900123,\r\n", two},
		"CR alone":                     {"number,note\r+1 650 555 0100,spam\r+44 7700 900123,\r", two},
		"no line end at the end":       {"number,note\n+1 650 555 0100,spam\n+44 7700 900123,", two},
		"spaces around cells":          {" number , note \n +1 650 555 0100 ,  spam \n\t+44 7700 900123\t,\u00a0\n", two},
		"spaces around quotes":         {"\"number\" , \"note\" \n \"+1 650 555 0100\" , \"spam\"\t\n \"+44 7700 900123\" , \n", two},
		"quotes inside of a cell":      {"number,note\n+1 650 555 0100,\"said \"\"hi\"\" ,\" \n", `2:16505550100=said "hi" ,`},
		"empty rows":                   {"\n,\nnumber,note\n\n+1 650 555 0100,spam\n , \n", "5:16505550100=spam"},
		"short rows":                   {"number,note\n+1 650 555 0100,spam\n+44 7700 900123\n", two},
		"long rows of empty cells":     {"number,note\n+1 650 555 0100,spam,,\n+44 7700 900123,,\n", two},
		"header in capitals":           {"NUMBER,Note\n+1 650 555 0100,spam\n+44 7700 900123,\n", two},
		"header with two spaces":       {"Phone  Number,Comment\n+1 650 555 0100,spam\n+44 7700 900123,\n", two},
		"other columns":                {"id,reason,until,phone\n1,spam,never,+1 650 555 0100\n2,,,+44 7700 900123\n", two},
		"separator in another column":  {"phone;name, first name\n+1 650 555 0100;Pat, P.\n", "2:16505550100="},
		"two columns for notes":        {"reason,note,phone\nticket,spam,+1 650 555 0100\n,,+44 7700 900123\n", two},
		"no column for notes":          {"number\n+1 650 555 0100\n", "2:16505550100="},
		"header alone":                 {"number,note\n", ""},
		"header without a line end":    {"number,note", ""},
		"line end inside of a cell":    {"number,note\n+1 650 555 0100,\"a\nb\r\nc\"\n\n+44 7700 900123,x\n", "2:16505550100=a\nb\nc 4:447700900123=x"},
		"line end inside of a header":  {"number,\"my\nnote\"\n+1 650 555 0100,\n", "2:16505550100="},
		"user IDs in their own column": {"number,user_id,note\n+1 650 555 0100,US.1,spam\n,us.2,x\n", "2:16505550100=spam 3:US.2=x"},
		"an unused user ID":            {"number,user_id\n+1 650 555 0100,none\n", "2:16505550100="},
		"user IDs alone":               {"user_id\nUS.1\n", "2:US.1="},
		"user IDs among the numbers":   {"user,note\nUS.1,x\n", "2:US.1=x"},
	} {
		rows, err := blocklistcsv.Read(test.text)
		if got := formatRows(rows); err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
	for _, name := range []string{"user", "Number", "PHONE", "phone number", "phone_number", "mobile", "MSISDN", "WhatsApp", "wa_id"} {
		rows, err := blocklistcsv.Read("x," + name + "\n,+1 650 555 0100\n")
		if got := formatRows(rows); err != nil || got != "2:16505550100=" {
			t.Errorf("a column %s: %q, %v", name, got, err)
		}
	}
}

func TestRead_rejected(t *testing.T) {
	t.Parallel()

	for text, reasons := range map[string][]string{
		"":                       {"the file is empty", "number,note"},
		"\ufeff":                 {"the file is empty"},
		"\n\n , \n":              {"only empty rows"},
		utf16LE("number,note\n"): {"UTF-16", `textdecodebase64(filebase64("blocklist.csv"), "UTF-16LE")`},
		base64.StdEncoding.EncodeToString([]byte("number,note\n+1 650 555 0100,M\xfcller\n")): {"the text is Base64", `textdecodebase64(filebase64("blocklist.csv"), "windows-1252")`},
		"\xff\xfen\x00":                      {"UTF-16"},
		"\xfe\xff\x00n":                      {"UTF-16"},
		"nr;reason\n+1 650 555 0100;x\n":     {"the file has no column for users", `The columns are "nr", "reason"`, "to number"},
		"number,Phone,note\n":                {"2 columns hold phone numbers", `"number", "Phone". The columns are "number", "Phone", "note"`},
		"number,NUMBER\n":                    {"2 columns hold phone numbers"},
		"user_id,user_id\n":                  {"2 columns are named user_id"},
		"+1 650 555 0100,spam\n":             {"no header row"},
		"spam;+1 650 555 0100\n":             {"no header row"},
		"0151 12345678\n":                    {"no header row"},
		"US.1,spam\n":                        {"no header row"},
		"num\"ber\n":                         {"the header cannot be read", "quotation mark"},
		"number\n+1 650 555 0100\n123\n":     {"1 row is wrong:", "Row 3: it has fewer than 7 digits"},
		"number,note\n,spam\n":               {"Row 2: it has no phone number."},
		"number,note\n+16505550100,a,b\n":    {"Row 2: it has more cells than the header"},
		"number\n1\n+16505550100\n0151 1\n2": {"3 rows are wrong:", "Rows 2, 5: it has fewer", "Row 4: it starts with 0"},
		"number\n+1 650 555 0100\n+44 7700 900123\n16505550100\n0016505550100": {"2 rows are wrong:\nRows 4 (the user of row 2), 5 (the user of row 2): the user is in an earlier row already; keep one of the two."},
		"number,note\n\"+16505550100\",\"a\nb\"\n\n1,\n":                       {"Row 4: it has fewer than 7 digits"},
		"number;note\n4,91511E+11;a\n":                                         {"Row 2: a spreadsheet rounded this number"},
		"number;note\n4915112345678,0;a\n":                                     {"Row 2: a spreadsheet or a program"},
		"number,note\n=\"+16505550100\",a\n1,\n":                               {"Row 2: it holds the formula of a spreadsheet", "Row 3: "},
		"number,note\n\"=\"\"+16505550100\"\"\",a\n":                           {"Row 2: it is the formula of a spreadsheet"},
		"number,note\n'+16505550100,a\n":                                       {"Row 2: it starts with an apostrophe"},
		"number,note\n+16505550100,a \"b\"\n1,\n":                              {"Row 2: a quotation mark stands in a cell", "Row 3: "},
		"number,note\n+16505550100,\"a\" b\n1,\n":                              {"Row 2: a quotation mark opens a cell", "Row 3: "},
		"number,note\n+16505550100,\"a\n+16505550101,\n":                       {"Row 2: a quotation mark opens a cell"},
		"number,note\n+16505550100,\"a\nb\" c\n1,\n":                           {"Row 2: a quotation mark opens a cell", "Row 3: "},
		"user_id\n1234567\n":                                                   {"Row 2: user_id holds no WhatsApp user ID"},
	} {
		rows, err := blocklistcsv.Read(text)
		if err == nil {
			t.Errorf("%q: %s, want an error", text, formatRows(rows))
			continue
		}
		for _, reason := range reasons {
			if !strings.Contains(err.Error(), reason) {
				t.Errorf("%q: %q does not say %q", text, err, reason)
			}
		}
	}
}

// utf16LE returns a text in the bytes of UTF-16, as some spreadsheets save it.
func utf16LE(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// TestRead_manyWrongRows checks that rows with the same mistake share a line, so that
// they do not hide other mistakes.
func TestRead_manyWrongRows(t *testing.T) {
	t.Parallel()

	text := "number\n" + strings.Repeat("0152 98765432\n", 61) + "'+16505550100\n" + "0152 98765432\n"
	_, err := blocklistcsv.Read(text)
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || lines[0] != "63 rows are wrong:" ||
		!strings.HasPrefix(lines[1], "Rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 52 more: it starts with 0") ||
		!strings.HasPrefix(lines[2], "Row 63: it starts with an apostrophe") || strings.Contains(err.Error(), "98765432") {
		t.Errorf("want a line for each of the two mistakes: %s", err)
	}

	text = "number\n"
	for i := range 25 {
		text += "US." + strings.Repeat("1", i) + "-\n"
	}
	_, err = blocklistcsv.Read(text)
	if lines := strings.Split(fmt.Sprint(err), "\n"); len(lines) != 22 || lines[21] != "… and 5 more." {
		t.Errorf("want 20 mistakes and the number of other rows: %v", err)
	}
}

func TestReadAt(t *testing.T) {
	t.Parallel()

	const text = "number,until\n+16505550100,2026-03-31\n+16505550101,2026-03-31T12:00:00+02:00\n+16505550102, \n+16505550103,2026-04-01\n"
	for now, want := range map[string][]string{
		"2026-03-31T09:59:59Z":      {"16505550100", "16505550101", "16505550102", "16505550103"},
		"2026-03-31T10:00:00Z":      {"16505550100", "16505550102", "16505550103"},
		"2026-03-31T23:59:59Z":      {"16505550100", "16505550102", "16505550103"},
		"2026-04-01T00:00:00Z":      {"16505550102", "16505550103"},
		"2026-04-01T01:00:00+02:00": {"16505550100", "16505550102", "16505550103"},
		"2026-04-02T00:00:00Z":      {"16505550102"},
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := blocklistcsv.ReadAt(text, at)
		users := make([]string, len(rows))
		for i, row := range rows {
			users[i] = row.User.String()
		}
		if err != nil || !slices.Equal(users, want) {
			t.Errorf("at %s: %v, %v; want %v", now, users, err, want)
		}
	}

	again := "number,until\n+16505550100,2026-01-01\n+16505550100,2026-12-31\n"
	if rows, err := blocklistcsv.ReadAt(again, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)); err != nil || formatRows(rows) != "3:16505550100=" {
		t.Errorf("a user with an expired row and another one: %s, %v", formatRows(rows), err)
	}
	if _, err := blocklistcsv.Read(again); err == nil {
		t.Error("Read accepts two rows for one user")
	}

	for text, reason := range map[string]string{
		"number,until\n+16505550100,31.03.2026\n":                 "Row 2: until is neither a date such as 2026-12-31 nor a time",
		"number,until\n+16505550100,2026-02-30\n":                 "Row 2: until is neither",
		"number,until\n+16505550100,2026-03-31 10:00\n":           "Row 2: until is neither",
		"number\n+16505550100\n":                                  `the file has no column until, which the second argument needs. The columns are "number"`,
		"number,until,Until\n":                                    "2 columns are named until",
		"number,until\n0151 12345678,2020-01-01\n+16505550100,\n": "Row 2: it starts with 0",
	} {
		if rows, err := blocklistcsv.ReadAt(text, time.Now()); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %s, %v; want an error that says %q", text, formatRows(rows), err, reason)
		}
	}
}
