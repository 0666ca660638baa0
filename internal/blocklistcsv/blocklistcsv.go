// Package blocklistcsv reads blocklists from the CSV files that spreadsheets write.
//
// A mistake in a file must not remove users from a list. So one wrong row makes the
// whole file an error, and the error names every wrong row. It quotes no phone
// number, because errors end up in the logs of pipelines.
package blocklistcsv

import (
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Row is a row with a user.
type Row struct {
	// Number is the row number in a spreadsheet. The header is row 1 unless empty rows
	// come before it.
	Number int
	User   userid.ID
	// Note is empty where the row has none.
	Note string
}

// Read reads all rows of a file and ignores the column until.
func Read(text string) ([]Row, error) { return read(text, nil) }

// ReadAt reads the rows of a file that have not expired at the time now.
func ReadAt(text string, now time.Time) ([]Row, error) { return read(text, &now) }

func read(text string, now *time.Time) ([]Row, error) {
	text, err := decode(text)
	if err != nil {
		return nil, err
	}
	t, err := newTable(text)
	if err != nil {
		return nil, err
	}
	columns, err := findColumns(t.header, now != nil)
	if err != nil {
		return nil, err
	}

	var rows []Row
	var wrong RowsError
	rowOf := map[userid.ID]int{}
	for {
		cells, number, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			wrong.add(number, err.Error())
			continue
		}
		user, err := columns.user(cells)
		if err != nil {
			wrong.add(number, err.Error())
			continue
		}
		if now != nil {
			expired, err := hasExpired(columns.cell(cells, columns.until), *now)
			if err != nil {
				wrong.add(number, err.Error())
			}
			if expired || err != nil {
				continue
			}
		}
		if first, taken := rowOf[user]; taken {
			wrong.addDuplicate(first, number)
			continue
		}
		rowOf[user] = number
		rows = append(rows, Row{Number: number, User: user, Note: columns.cell(cells, columns.note)})
	}
	if wrong.count > 0 {
		return nil, &wrong
	}
	return rows, nil
}

const example = "Begin with a row that names the columns, such as number,note"

// decode removes the byte-order mark and makes the ends of lines uniform.
func decode(text string) (string, error) {
	if isUTF16(text) {
		return "", errors.New(`the text is UTF-16, which spreadsheets call "Unicode text". Save the file as "CSV UTF-8", or decode it with textdecodebase64(filebase64("blocklist.csv"), "UTF-16LE")`)
	}
	if isBase64(text) {
		return "", errors.New(`the text is Base64. Save the file as "CSV UTF-8" and read it with file(), or decode it with textdecodebase64(filebase64("blocklist.csv"), "windows-1252")`)
	}
	const byteOrderMark = "\ufeff"
	text = strings.TrimPrefix(text, byteOrderMark)
	if text == "" {
		return "", errors.New("the file is empty. " + example)
	}
	if !strings.Contains(text, "\n") {
		// Some programs for the Macintosh end lines with CR only.
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, nil
}

// isBase64 reports whether text is the result of filebase64, which Terraform recommends for
// a file that is not UTF-8. A short text may be a header.
func isBase64(text string) bool {
	const minLength = 40
	_, err := base64.StdEncoding.DecodeString(text)
	return len(text) >= minLength && err == nil && !strings.ContainsAny(text, "\r\n")
}

// isUTF16 reports whether text is UTF-16 that was read as UTF-8. Such text starts with
// a byte-order mark of two bytes, or has a zero byte in each ASCII character.
func isUTF16(text string) bool {
	const beginning = 64
	return strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") ||
		strings.HasPrefix(text, "\ufffd\ufffd") || strings.IndexByte(text[:min(len(text), beginning)], 0) >= 0
}

// hasExpired reads a cell of the column until. A date means the end of that day in
// UTC; an empty cell never expires.
func hasExpired(cell string, now time.Time) (bool, error) {
	if cell == "" {
		return false, nil
	}
	if day, err := time.Parse(time.DateOnly, cell); err == nil {
		return !now.Before(day.AddDate(0, 0, 1)), nil
	}
	until, err := time.Parse(time.RFC3339, cell)
	if err != nil {
		return false, errors.New("until is neither a date such as 2026-12-31 nor a time such as 2026-12-31T18:00:00Z")
	}
	return !now.Before(until), nil
}
