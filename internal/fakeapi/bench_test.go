package fakeapi_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// serve sends a valid request without a network.
func serve(b *testing.B, s *fakeapi.Server, method, query, body string) {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), method, fakeapi.Path+query, strings.NewReader(body))
	r.Header.Set(fakeapi.KeyHeader, fakeapi.DefaultKey)
	r.Header.Set("User-Agent", "bench")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatalf("response %d %s", w.Code, w.Body)
	}
}

// BenchmarkPage reads a page of 1,000 from the middle of a full list.
func BenchmarkPage(b *testing.B) {
	s := fakeapi.New(fakeapi.Options{})
	s.SeedN(fakeapi.DefaultCapacity)
	for b.Loop() {
		serve(b, s, http.MethodGet, "?limit=1000", "")
	}
}

// BenchmarkFillAndEmpty blocks 64,000 users in requests of 1,000, then unblocks them.
func BenchmarkFillAndEmpty(b *testing.B) {
	users := fakeapi.New(fakeapi.Options{}).SeedN(fakeapi.DefaultCapacity)
	var bodies []string
	for batch := range slices.Chunk(users, fakeapi.DefaultMaxBatch) {
		for i := range batch {
			batch[i] = "+" + batch[i]
		}
		bodies = append(bodies, writeBody(batch...))
	}
	for b.Loop() {
		s := fakeapi.New(fakeapi.Options{})
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			for _, body := range bodies {
				serve(b, s, method, "", body)
			}
		}
		if len(s.Blocked()) != 0 {
			b.Fatal("users are left")
		}
	}
}

// BenchmarkUnblockOneByOne empties a full list with as many requests as it has users.
func BenchmarkUnblockOneByOne(b *testing.B) {
	for b.Loop() {
		s := fakeapi.New(fakeapi.Options{})
		for _, user := range s.SeedN(fakeapi.DefaultCapacity) {
			serve(b, s, http.MethodDelete, "", writeBody("+"+user))
		}
	}
}
