package d360_test

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// Good responses to a listing and to a write of two users, and their outcomes.
const (
	goodListBody  = `{"data":[{"messaging_product":"whatsapp","wa_id":"16505551234"}]}`
	goodWriteBody = `{"block_users":{"added_users":[{"input":"+4915112345678"},{"input":"+16505551234"}]}}`
	goodList      = "16505551234"
	goodWrite     = "4915112345678 done\n16505551234 done"
)

// Outcomes of failed requests. "…" stands for text of other packages.
const (
	noObject        = "invalid response: the response is invalid: it is no JSON object of the API"
	tooLong         = "invalid response: the response is longer than 16 MiB"
	connectionBroke = "no response: the connection broke before a response came: …"
	responseBroke   = "no response: the response broke off: …"
	timedOut        = "no response: no response within the request timeout of 30s"
	bodyTimedOut    = "no response: the response did not end within the request timeout of 30s"
	redirected      = "rejected: the API redirects to another address, and the provider does not send the key there; check base_url"
)

// outcome makes a request of the given method and formats its outcome.
func outcome(t testing.TB, client *d360.Client, method string) string {
	t.Helper()
	if method == http.MethodGet {
		entries, err := client.Scan(t.Context())
		return renderScan(t, entries, err)
	}
	results, err := writeOf(client, method)(t.Context(), users("+4915112345678", "+16505551234"))
	return renderResults(t, results, err)
}

// checkOutcome accepts any continuation where want ends in "…".
func checkOutcome(t testing.TB, got, want string) {
	t.Helper()
	start, open := strings.CutSuffix(want, "…")
	if got != want && (!open || !strings.HasPrefix(got, start)) {
		t.Errorf("got\n%.1000s\nwant\n%s", got, want)
	}
}

func forMethod[T any](method string, list, write T) T {
	if method == http.MethodGet {
		return list
	}
	return write
}

// rawResponse is a response byte by byte.
type rawResponse struct {
	name string
	// text is sent, with the good body for BODY and its length for LEN.
	text string
	// body, if set, changes the good body.
	body func(good string) string
	// then, if set, writes after the text until the client hangs up.
	then func(io.ReadWriter)

	// want is the outcome, the good one if empty; list and write override it.
	want, list, write string
	// takes is how long the client has to wait.
	takes time.Duration
	// reads bounds the bytes that the client reads, 64 KiB if zero.
	reads int64
	// rejected is set if the client tries all three page sizes.
	rejected bool
}

const (
	okBody      = "HTTP/1.1 200 OK\r\nContent-Length: LEN\r\n\r\nBODY"
	unbounded   = "HTTP/1.1 200 OK\r\n\r\nBODY"
	beforeChunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	gzipBody    = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: LEN\r\n\r\nBODY"
)

// maxResponse bounds what the client reads of a response, with some headers.
const maxResponse = 16<<20 + 64<<10

var rawResponses = []rawResponse{
	{name: "a good response", text: okBody},

	// Versions and statuses.
	{name: "HTTP/1.0", text: "HTTP/1.0 200 OK\r\n\r\nBODY"},
	{name: "HTTP/1.0, cut short", text: "HTTP/1.0 200 OK\r\n\r\nBODY", body: firstBytes(30), list: noList, write: noObject},
	{
		name: "HTTP/1.0, a rejection cut short", text: "HTTP/1.0 400 Bad Request\r\n\r\nBODY", body: firstBytes(7), rejected: true,
		list:  `rejected: bad request: {"data" (HTTP 400)`,
		write: `invalid response: the response is invalid: its results cannot be read: bad request: {"block (HTTP 400)`,
	},
	{name: "HTTP/1.0, empty", text: "HTTP/1.0 200 OK\r\n\r\n", list: noList, write: noObject},
	{name: "HTTP/3.7", text: "HTTP/3.7 200 OK\r\n\r\nBODY"},
	{name: "HTTP/2", text: "\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n", want: connectionBroke},
	{name: "TLS", text: "\x15\x03\x01\x00\x02\x02\x0a\r\n", want: connectionBroke},
	{name: "SSH", text: "SSH-2.0-OpenSSH_9.7\r\n", want: connectionBroke},
	{name: "a title for the terminal", text: "\x1b]0;" + testKey + "\x07\u202e\r\n\r\n", want: connectionBroke},
	{name: "nothing at all", want: connectionBroke},
	{name: "half a status line", text: "HTTP/1.1 20", want: connectionBroke},
	{name: "half a header", text: "HTTP/1.1 200 OK\r\nContent-Le", want: connectionBroke},
	{name: "status 000", text: "HTTP/1.1 000 None\r\n\r\nBODY", want: "invalid response: the response is invalid: it comes with status 000"},
	{name: "status 099", text: "HTTP/1.1 099 Less\r\n\r\nBODY", want: "invalid response: the response is invalid: it comes with status 099 (HTTP 99)"},
	{name: "status 101", text: "HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nBODY", want: "invalid response: the response is invalid: it comes with status 101 (HTTP 101)"},
	{name: "status 201", text: "HTTP/1.1 201 Created\r\n\r\nBODY"},
	{name: "status 204", text: "HTTP/1.1 204 No Content\r\n\r\nBODY", list: noList + " (HTTP 204)", write: noObject + " (HTTP 204)"},
	{name: "status 205", text: "HTTP/1.1 205 Reset Content\r\n\r\n", list: noList + " (HTTP 205)", write: noObject + " (HTTP 205)"},
	{name: "status 304", text: "HTTP/1.1 304 Not Modified\r\n\r\nBODY", want: redirected + " (HTTP 304)"},
	{name: "status 600", text: "HTTP/1.1 600 More\r\n\r\nBODY", want: "temporary: HTTP status 600: {…"},
	{name: "status 999", text: "HTTP/1.1 999 Most\r\n\r\nBODY", want: "temporary: HTTP status 999: {…"},
	{name: "status 1000", text: "HTTP/1.1 1000 Beyond\r\n\r\nBODY", want: connectionBroke},
	{name: "status -20", text: "HTTP/1.1 -20 Below\r\n\r\nBODY", want: connectionBroke},
	{name: "status abc", text: "HTTP/1.1 abc\r\n\r\nBODY", want: connectionBroke},
	{name: "a reason that moves the cursor", text: "HTTP/1.1 400 \x1b[2J" + testKey + "\r\n\r\n", want: "rejected: bad request (HTTP 400)", rejected: true},
	{name: "other responses ahead", text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" + okBody},
	{name: "other responses, one a second", then: writeEachSecond("HTTP/1.1 102 Processing\r\n\r\n"), want: timedOut, takes: 30 * time.Second},

	// Lengths.
	{name: "chunks", text: beforeChunk + "BODY0\r\n\r\n", body: chunk},
	{name: "chunks and trailers", text: beforeChunk + "BODY0\r\nX: " + testKey + "\r\n\r\n", body: chunk},
	{name: "chunks without an end", text: beforeChunk + "BODY", body: chunk, want: responseBroke},
	{name: "a chunk cut short", text: beforeChunk + "fff\r\nBODY", want: responseBroke},
	{name: "a chunk of no length", text: beforeChunk + "zz\r\nBODY", want: responseBroke},
	{name: "a chunk of all there is", text: beforeChunk + "7fffffffffffffff\r\nBODY", want: responseBroke},
	{name: "a chunk of more than that", text: beforeChunk + "10000000000000000\r\nBODY", want: responseBroke},
	{name: "a chunk whose length never ends", text: beforeChunk + "1;", then: writeForever("x"), want: responseBroke},
	{name: "chunks and a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nBODY0\r\n\r\n", body: chunk},
	{name: "no transfer encoding that there is", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nBODY", want: connectionBroke},
	{name: "a length that is too long", text: "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nBODY", want: responseBroke},
	{name: "a length beyond all memory", text: "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nBODY", want: responseBroke},
	{name: "a length that is too short", text: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 30\r\n\r\nBODY", list: noList, write: noObject},
	{name: "a length below zero", text: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nBODY", want: connectionBroke},
	{name: "a length of words", text: "HTTP/1.1 200 OK\r\nContent-Length: long\r\n\r\nBODY", want: connectionBroke},
	{name: "two lengths", text: "HTTP/1.1 200 OK\r\nContent-Length: 30\r\nContent-Length: 31\r\n\r\nBODY", want: connectionBroke},

	// Headers.
	{name: "another content type", text: "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=latin1\r\n\r\nBODY"},
	{name: "a content type of nonsense", text: "HTTP/1.1 200 OK\r\nContent-Type: ;;;\"" + repeat('x', 9000) + "\r\n\r\nBODY"},
	{name: "the key in a header", text: "HTTP/1.1 200 OK\r\nD360-Api-Key: " + testKey + "\r\n\r\nBODY"},
	{name: "a header that is none", text: "HTTP/1.1 200 OK\r\n\x1b[2J " + testKey + "\r\n\r\nBODY", want: connectionBroke},
	{name: "headers, one a second", text: "HTTP/1.1 200 OK\r\n", then: writeEachSecond("X: y\r\n"), want: timedOut, takes: 30 * time.Second},

	// Compression.
	{name: "gzip", text: gzipBody, body: gzipped},
	{name: "gzip in two parts", text: gzipBody, body: func(good string) string { return gzipped(good[:20]) + gzipped(good[20:]) }},
	{name: "gzip that is not said", text: okBody, body: gzipped, list: noList, write: noObject},
	{name: "gzip that is only said", text: gzipBody, want: responseBroke},
	{name: "gzip cut short", text: gzipBody, body: func(good string) string { return gzipped(good)[:40] }, want: responseBroke},
	{name: "gzip without its checksum", text: gzipBody, body: func(good string) string {
		return strings.TrimSuffix(gzipped(good), gzipped(good)[len(gzipped(good))-8:])
	}, want: responseBroke},
	{name: "gzip with another checksum", text: gzipBody, body: func(good string) string { return cut(gzipped(good), 8) + "12345678" }, want: responseBroke},
	{name: "gzip and something after it", text: gzipBody, body: func(good string) string { return gzipped(good) + "and more" }, want: responseBroke},
	{name: "gzip of nothing", text: gzipBody, body: func(string) string { return gzipped("") }, list: noList, write: noObject},
	{name: "nothing, said to be gzip", text: gzipBody, body: firstBytes(0), list: noList, write: noObject},
	{name: "gzip twice", text: gzipBody, body: func(good string) string { return gzipped(gzipped(good)) }, list: noList, write: noObject},
	{
		name: "gzip twice, and said so", text: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\nBODY",
		body: func(good string) string { return gzipped(gzipped(good)) }, list: noList, write: noObject,
	},
	{name: "brotli, not requested", text: "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x8b\x02\x80{}\x03", list: noList, write: noObject},
	{
		name: "a gzip bomb", text: gzipBody, want: tooLong, reads: 80 << 10,
		body: func(good string) string { return gzipped(cut(good, 1) + repeat(' ', 20<<20) + "}") },
	},
	{
		name: "empty gzip, a part a second", text: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
		then: writeEachSecond(gzipped("")), want: bodyTimedOut, takes: 30 * time.Second,
	},

	// Time.
	{name: "silence", then: stayOpen, want: timedOut, takes: 30 * time.Second},
	{name: "a body, a byte a second", text: unbounded, then: writeEachSecond(" "), want: bodyTimedOut, takes: 30 * time.Second},
	{name: "a body that stops", text: "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nBODY", then: stayOpen, want: bodyTimedOut, takes: 30 * time.Second},
	{name: "chunks whose end never comes", text: beforeChunk + "BODY", body: chunk, then: stayOpen, want: bodyTimedOut, takes: 30 * time.Second},
	{name: "an error that stops", text: "HTTP/1.1 500 Error\r\nContent-Length: 9000\r\n\r\n{", then: stayOpen, want: bodyTimedOut + " (HTTP 500)", takes: 30 * time.Second},

	// Size.
	{name: "a body that never ends", text: "HTTP/1.1 200 OK\r\n\r\n", then: writeForever(`{"data":[`), want: tooLong, reads: maxResponse},
	{name: "a good body and blanks that never end", text: unbounded, then: writeForever(" "), want: tooLong, reads: maxResponse},
	{name: "an error that never ends", text: "HTTP/1.1 400 Bad Request\r\n\r\n", then: writeForever(testKey), want: tooLong + " (HTTP 400)", reads: maxResponse},
	{name: "chunks that never end", text: beforeChunk, then: writeForever(chunk("0123456789abcdef")), want: tooLong, reads: 2 * maxResponse},
	{name: "trailers that never end", text: beforeChunk + "BODY0\r\n", body: chunk, then: writeForever("X: y\r\n"), want: responseBroke},
}

func firstBytes(n int) func(string) string { return func(good string) string { return good[:n] } }

// cut removes the last n bytes.
func cut(s string, n int) string { return s[:len(s)-n] }

// chunk makes a body one chunk, without the empty last one.
func chunk(body string) string {
	return strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n"
}

// Any response has an outcome in bounded time, after a bounded number of bytes.
func TestHostile_rawResponses(t *testing.T) {
	t.Parallel()

	for _, test := range rawResponses {
		for _, method := range methods {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := &rawServer{respond: func(w io.ReadWriter, r *http.Request) { test.send(w, r.Method) }}
					client := s.client(t)
					within(t, test.takes, func() {
						checkOutcome(t, outcome(t, client, method), test.outcome(method))
					})
					requests := int64(1)
					if test.rejected && method == http.MethodGet {
						requests = 3
					}
					if n := s.requests.Load(); n != requests {
						t.Errorf("%d requests, want %d", n, requests)
					}
					if n, most := s.read.Load(), max(test.reads, 64<<10); n > most {
						t.Errorf("the client has read %d bytes, want %d at most", n, most)
					}
				})
			})
		}
	}
}

func (a rawResponse) send(w io.ReadWriter, method string) {
	body := forMethod(method, goodListBody, goodWriteBody)
	if a.body != nil {
		body = a.body(body)
	}
	text := strings.NewReplacer("BODY", body, "LEN", strconv.Itoa(len(body))).Replace(a.text)
	if _, err := io.WriteString(w, text); err == nil && a.then != nil {
		a.then(w)
	}
}

func (a rawResponse) outcome(method string) string {
	switch own := forMethod(method, a.list, a.write); {
	case own != "":
		return own
	case a.want != "":
		return a.want
	default:
		return forMethod(method, goodList, goodWrite)
	}
}

// The default transport bounds headers.
func TestHostile_headers(t *testing.T) {
	t.Parallel()

	for _, test := range []rawResponse{
		{name: "a header of half a megabyte", text: "HTTP/1.1 200 OK\r\nX: " + repeat('x', 512<<10) + "\r\n\r\nBODY"},
		{name: "other responses of half a megabyte", text: strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 20<<10) + unbounded},
		{name: "a header that never ends", text: "HTTP/1.1 200 OK\r\nX: ", then: writeForever("x")},
		{name: "headers that never end", text: "HTTP/1.1 200 OK\r\n", then: writeForever("X: y\r\n")},
		{name: "other responses that never end", then: writeForever("HTTP/1.1 102 Processing\r\n\r\n")},
	} {
		for _, method := range methods {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()

				listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				s := &rawServer{respond: func(w io.ReadWriter, r *http.Request) { test.send(w, r.Method) }}
				s.serving.Go(func() {
					for {
						conn, err := listener.Accept()
						if err != nil {
							return
						}
						s.serving.Go(func() { s.serve(conn) })
					}
				})
				defer s.serving.Wait()
				defer listener.Close()

				client := clientOf(t, nil, func(o *d360.Options) { o.BaseURL = "http://" + listener.Addr().String() })
				checkOutcome(t, outcome(t, client, method), connectionBroke)
				if n := s.requests.Load(); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		}
	}
}
