//go:build !race

// The race detector takes memory itself, and makes these tests take minutes.

package d360_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// pageBodies returns the parts of body n, which are never in memory as a whole.
type pageBodies func(n int) []io.Reader

// transport calls before ahead of each response.
func (p pageBodies) transport(before func()) http.RoundTripper {
	n := 0
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		before()
		n++
		return &http.Response{
			StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
			Body: io.NopCloser(io.MultiReader(p(n - 1)...)), ContentLength: -1, Request: r,
		}, nil
	})
}

func repeated(text string, n int) io.Reader {
	return generated(n, func(b *bytes.Buffer, _ int) { b.WriteString(text) })
}

// listOf reads n elements with commas between them.
func listOf(n int, element func(b *bytes.Buffer, i int)) io.Reader {
	return generated(n, func(b *bytes.Buffer, i int) {
		if i > 0 {
			b.WriteByte(',')
		}
		element(b, i)
	})
}

// generated reads the output of n calls of write.
func generated(n int, write func(b *bytes.Buffer, i int)) io.Reader {
	return &generator{n: n, write: write}
}

type generator struct {
	n, done int
	write   func(b *bytes.Buffer, i int)
	ahead   bytes.Buffer
}

// Read implements [io.Reader].
func (g *generator) Read(b []byte) (int, error) {
	for g.ahead.Len() < len(b) && g.done < g.n {
		g.write(&g.ahead, g.done)
		g.done++
	}
	return g.ahead.Read(b)
}

const mebi = 1 << 20

// inUse collects garbage and returns the heap in use, in MiB.
func inUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) / mebi
}

// longest is an input of more than the kept length, in characters of four bytes.
var longest = strings.Repeat("\U0001f600", 150)

// unknown is the value of an unknown member.
var unknown = repeat('x', 1000)

// A listing keeps only what its users need from each page. The test does not run in
// parallel because it measures the memory of the whole process.
func TestHostile_memoryOfLists(t *testing.T) {
	paged := func(n int, items io.Reader) []io.Reader {
		return []io.Reader{
			strings.NewReader(`{"data":[`), items,
			strings.NewReader(fmt.Sprintf(`],"paging":{"cursors":{"after":"%d%s"},"next":"https://x.invalid/"}}`, n, repeat('c', 4000))),
		}
	}
	for _, test := range []struct {
		name  string
		pages pageBodies
		want  string
		// most is the bound for the memory, in MiB.
		most int64
	}{
		{
			"64 pages of 10 MiB with a thousand users each", func(n int) []io.Reader {
				end := `"}`
				if n < 63 {
					end = fmt.Sprintf(`","paging":{"cursors":{"after":"%d"}}}`, n)
				}
				return []io.Reader{
					strings.NewReader(`{"data":[`),
					listOf(1000, func(b *bytes.Buffer, i int) {
						fmt.Fprintf(b, `{"input":"+49151%08d","wa_id":"49151%08d","x":%q}`, n*1000+i, n*1000+i, unknown)
					}),
					strings.NewReader(`],"x":"`), repeated("0123456789abcdef", 9*mebi/16), strings.NewReader(end),
				}
			}, "4915100000000 4915100000001 4915100000002 …", 40,
		},
		{
			"the longest inputs there may be", func(n int) []io.Reader {
				return paged(n, listOf(20_000, func(b *bytes.Buffer, i int) {
					fmt.Fprintf(b, `{"input":"%d-%d %s"}`, n, i, longest)
				}))
			}, "pagination loop: the list cannot be read to its end: it shows more than 256000 users, and a list holds 64000", 250,
		},
		{
			"the most pages there may be", func(n int) []io.Reader {
				return paged(n, strings.NewReader(fmt.Sprintf(`{"wa_id":"%s"}`, userOf(n))))
			}, "pagination loop: the list cannot be read to its end: it has more than 10000 pages", 60,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			base, peak, n := inUse(), int64(0), 0
			look := func() {
				// Collecting garbage takes time, and the pages are alike.
				if n++; n%100 == 0 || n < 100 && n%10 == 0 {
					peak = max(peak, inUse()-base)
				}
			}
			client := clientOf(t, test.pages.transport(look))
			entries, err := client.Scan(t.Context())
			checkOutcome(t, renderScan(t, entries, err), test.want)
			peak = max(peak, inUse()-base)
			t.Logf("%d pages, %d MiB", n, peak)
			if peak > test.most {
				t.Errorf("%d MiB are kept, want %d at most", peak, test.most)
			}
			runtime.KeepAlive(entries)
			runtime.KeepAlive(client)
		})
	}
}

// One response costs a bounded amount of memory, uncollected garbage included.
func TestHostile_memoryOfResponses(t *testing.T) {
	many := func(prefix, item, suffix string) string {
		return prefix + strings.TrimSuffix(strings.Repeat(item+",", 500_000), ",") + suffix
	}
	const list, write = http.MethodGet, http.MethodPost
	for _, test := range []struct{ name, method, body string }{
		{"users", list, many(`{"data":[`, `{"wa_id":4915112345678}`, `]}`)},
		{"empty users", list, many(`{"data":[`, `{}`, `]}`)},
		{"groups", list, many(`{"data":[`, `{"block_users":[{}]}`, `]}`)},
		{"users in groups", list, many(`{"data":[{"block_users":[`, `{}`, `]}]}`)},
		{"added users", write, many(`{"block_users":{"added_users":[`, `{}`, `]}}`)},
		{"failed users", write, many(`{"block_users":{"failed_users":[`, `{}`, `]}}`)},
		{"reasons", write, many(`{"block_users":{"failed_users":[{"input":"+4915112345678","errors":[`, `0`, `]}]}}`)},
		{"reasons with texts", write, many(`{"block_users":{"failed_users":[{"input":"+4915112345678","errors":[`, `{"message":"x"}`, `]}]}}`)},
		{"unknown members", list, `{"data":[]` + unknownMembers(500_000) + `}`},
		{"unknown members inside", list, `{"data":[],"paging":{"next":""` + unknownMembers(500_000) + `}}`},
		{"too many users", list, `{"data":[` + strings.Repeat("{},", 5_000_000) + `{}]}`},
		{"one text", write, `{"error":"` + repeat('x', 16*mebi-20) + `"}`},
		{"one number", write, `{"error":{"code":` + repeat('1', 16*mebi-30) + `}}`},
		{"one cursor", list, `{"data":[],"paging":{"cursors":{"after":"` + repeat('x', 16*mebi-50) + `"}}}`},
		{"no JSON", write, repeat('x', 16*mebi)},
		{"keys", write, strings.Repeat(testKey, 16*mebi/len(testKey))},
		{"depth", list, `{"data":[],"x":[` + strings.Repeat(nest(9_000)+",", 900) + `0]}`},
		{"too much", list, repeat(' ', 20*mebi)},
	} {
		client := clientOf(t, always(response{body: test.body}))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := outcome(t, client, test.method)
		runtime.ReadMemStats(&after)
		cost := (after.TotalAlloc - before.TotalAlloc) / mebi
		t.Logf("%s: %d MiB", test.name, cost)
		if cost > 450 {
			t.Errorf("%s: %d MiB for %.100s", test.name, cost, got)
		}
	}
}
