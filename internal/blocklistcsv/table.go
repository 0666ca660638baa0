package blocklistcsv

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

type table struct {
	text   string
	reader *csv.Reader
	header []string
	// wrapped counts the line ends inside cells so far: the number of a line minus that
	// of its row.
	wrapped int
	// lines is the text by line, nil until an error needs it.
	lines []string
}

// newTable reads the header with each separator, and takes the first one that yields
// a column for users.
func newTable(text string) (*table, error) {
	var best *table
	var headerErr error
	for _, separator := range []rune{',', ';', '\t'} {
		t := &table{text: trimAfterQuotes(text, byte(separator))}
		t.reader = csv.NewReader(strings.NewReader(t.text))
		t.reader.Comma = separator
		t.reader.TrimLeadingSpace = separator != '\t'
		t.reader.FieldsPerRecord = -1
		t.reader.ReuseRecord = true
		header, _, err := t.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("the file has only empty rows. " + example)
		case err != nil:
			headerErr = err
			continue
		}
		t.header = slices.Clone(header)
		if hasUserColumn(t.header) {
			return t, nil
		}
		if best == nil || len(t.header) > len(best.header) {
			best = t
		}
	}
	if best == nil {
		return nil, errors.New("the header cannot be read: " + headerErr.Error())
	}
	return best, nil
}

// next returns the next row that is not empty, with its cells trimmed, and its number.
// The slice is valid until the next call. After an error other than io.EOF, the
// following rows can still be read.
func (t *table) next() (cells []string, number int, err error) {
	for {
		cells, err = t.reader.Read()
		if parseError, ok := errors.AsType[*csv.ParseError](err); ok {
			number = parseError.StartLine - t.wrapped
			t.wrapped += parseError.Line - parseError.StartLine
			return nil, number, t.explain(parseError)
		}
		if err != nil {
			return nil, 0, err
		}
		line, _ := t.reader.FieldPos(0)
		number = line - t.wrapped
		filled := 0
		for i, cell := range cells {
			t.wrapped += strings.Count(cell, "\n")
			if cells[i] = strings.TrimSpace(cell); cells[i] != "" {
				filled = i + 1
			}
		}
		switch {
		case filled == 0:
		case t.header != nil && filled > len(t.header):
			return nil, number, errors.New("it has more cells than the header; a cell that contains the separator has to be in quotation marks")
		default:
			return cells, number, nil
		}
	}
}

// explain turns a syntax error of encoding/csv into advice for the user.
func (t *table) explain(err *csv.ParseError) error {
	if t.lines == nil {
		t.lines = strings.Split(t.text, "\n")
	}
	if line := t.lines[min(err.Line, len(t.lines))-1]; errors.Is(err, csv.ErrBareQuote) {
		if quote := err.Column - 1; quote > 0 && quote < len(line) && line[quote-1] == '=' {
			return errors.New(`it holds the formula of a spreadsheet; remove the equals sign and the quotation marks (="…")`)
		}
		return errors.New("a quotation mark stands in a cell that is not in quotation marks as a whole; put the cell in quotation marks, and double those inside")
	}
	return errors.New("a quotation mark opens a cell, and none closes it at the end of the cell; close it, and double quotation marks inside the cell")
}

// trimAfterQuotes removes white space between a closing quotation mark and the end of
// the cell, because encoding/csv rejects it.
func trimAfterQuotes(text string, separator byte) string {
	if !strings.Contains(text, `" `) && !strings.Contains(text, "\"\t") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	isStart, isQuoted := true, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		b.WriteByte(c)
		switch {
		case isQuoted && c == '"' && i+1 < len(text) && text[i+1] == '"':
			i++
			b.WriteByte('"')
		case isQuoted && c == '"':
			isQuoted = false
			end := i + 1
			for end < len(text) && text[end] != separator && (text[end] == ' ' || text[end] == '\t') {
				end++
			}
			if end == len(text) || text[end] == separator || text[end] == '\n' || text[end] == '\r' {
				i = end - 1
			}
		case isQuoted:
		case isStart && c == '"':
			isStart, isQuoted = false, true
		case c == separator || c == '\n':
			isStart = true
		case c != ' ' && c != '\t':
			isStart = false
		}
	}
	return b.String()
}
