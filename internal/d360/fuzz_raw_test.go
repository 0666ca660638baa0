package d360_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// FuzzRawResponse sends any bytes and hangs up.
func FuzzRawResponse(f *testing.F) {
	// The transport logs what comes after a response.
	usual := log.Writer()
	log.SetOutput(io.Discard)
	f.Cleanup(func() { log.SetOutput(usual) })

	for _, resp := range rawResponses {
		for i, method := range methods {
			var text bytes.Buffer
			finite := resp
			finite.then = nil
			finite.send(&text, method)
			if text.Len() < 4096 {
				f.Add(i, text.Bytes())
			}
		}
	}
	for i, method := range methods {
		body := forMethod(method, "", `{"messaging_product":"whatsapp","block_users":[{"user":"+4915112345678"},{"user":"+16505551234"}]}`)
		addFakeResponses(f, method, "", body, func(status int, body []byte) {
			f.Add(i, fmt.Appendf(nil, "HTTP/1.1 %d Seed\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body))
		})
	}
	f.Fuzz(func(t *testing.T, which int, raw []byte) {
		method := methods[int(uint(which)%3)]
		synctest.Test(t, func(t *testing.T) {
			s := &rawServer{respond: func(w io.ReadWriter, _ *http.Request) { _, _ = w.Write(raw) }}
			client := s.client(t)
			within(t, 0, func() {
				if method == http.MethodGet {
					entries, err := client.Scan(t.Context())
					if err != nil {
						checkError(t, err)
						return
					}
					if _, body := readRaw(t, raw); len(entries) != readPage(t, body).users {
						t.Errorf("%d entries of %q", len(entries), body)
					}
					return
				}
				results, err := writeOf(client, method)(t.Context(), fuzzUsers)
				checkRawResults(t, raw, results, err)
			})
			if n := s.requests.Load(); n > 3 || n > 1 && method != http.MethodGet {
				t.Errorf("%d requests", n)
			}
		})
	})
}

// checkRawResults compares the results of a write with the bytes of the response.
func checkRawResults(t *testing.T, raw []byte, results []d360.UserResult, err error) {
	t.Helper()
	if err != nil {
		checkError(t, err)
		return
	}
	status, body := readRaw(t, raw)
	checkResults(t, status, body, fuzzUsers, results)
}

// readRaw parses a response, independently of the client.
func readRaw(t *testing.T, raw []byte) (status int, body []byte) {
	t.Helper()
	format := bufio.NewReader(bytes.NewReader(raw))
	resp, err := http.ReadResponse(format, nil)
	for err == nil && resp.StatusCode >= 100 && resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
		resp, err = http.ReadResponse(format, nil)
	}
	if err != nil {
		t.Fatalf("%q is accepted as a response: %v", raw, err)
	}
	defer resp.Body.Close()
	content := io.Reader(resp.Body)
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		if content, err = gzip.NewReader(resp.Body); err != nil {
			t.Fatalf("%q is accepted as a response: %v", raw, err)
		}
	}
	if body, err = io.ReadAll(content); err != nil {
		t.Fatalf("%q is accepted as a response: %v", raw, err)
	}
	return resp.StatusCode, body
}

// FuzzGzip sends any bytes as gzip: they count as what they unpack to, or are an error.
func FuzzGzip(f *testing.F) {
	for _, body := range []string{goodListBody, goodWriteBody, `{}`, "", repeat(' ', 100_000), gzipped(goodListBody)} {
		f.Add([]byte(gzipped(body)))
		f.Add([]byte(gzipped(body) + gzipped(body)))
		f.Add([]byte(body))
		f.Add([]byte(gzipped(body)[:10]))
		f.Add([]byte(cut(gzipped(body), 4)))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		unpacked, broken := unpack(packed)
		for _, method := range methods {
			synctest.Test(t, func(t *testing.T) {
				s := &rawServer{respond: func(w io.ReadWriter, _ *http.Request) {
					_, _ = fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n%s", packed)
				}}
				got := outcome(t, s.client(t), method)
				if broken != nil {
					checkOutcome(t, got, responseBroke)
					return
				}
				checkOutcome(t, got, outcome(t, clientOf(t, always(response{body: string(unpacked)})), method))
			})
		}
	})
}

// unpack unpacks gzip, as far as the client does at most.
func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxResponse))
}
