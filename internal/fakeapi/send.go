package fakeapi

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
)

const proxyAuthenticate = "Proxy-Authenticate"

// send sends the response, or closes the connection as a fault demands.
func (s *Server) send(w http.ResponseWriter, e *exchange, a response) {
	kind := e.fault.Kind
	if kind == FaultDropBefore || kind == FaultDropAfter {
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	if a.contentType != "" {
		header.Set("Content-Type", a.contentType)
	}
	maps.Copy(header, e.fault.Header)
	if a.status == http.StatusProxyAuthRequired && header.Get(proxyAuthenticate) == "" {
		header.Set(proxyAuthenticate, `Basic realm="proxy"`)
	}
	if kind == FaultHuge {
		s.recordStatus(e, http.StatusOK)
		sendForever(w, e)
		return
	}
	if kind == FaultGzip {
		header.Set("Content-Encoding", "gzip")
		a.body = compress(a.body)
	}
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	if kind == FaultTruncate {
		a.body = a.body[:len(a.body)/2]
	}
	s.recordStatus(e, a.status)
	w.WriteHeader(a.status)
	// The client may have hung up.
	_, _ = w.Write(a.body)
}

// recordStatus runs before the client gets the status, so that a test that reads it finds it recorded.
func (s *Server) recordStatus(e *exchange, status int) { s.locked(func() { e.record.Status = status }) }

func compress(body []byte) []byte {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	// Writing to a buffer does not fail.
	_, _ = zip.Write(body)
	_ = zip.Close()
	return b.Bytes()
}

// sendForever sends a list that never ends, each time another user, until the client hangs up.
func sendForever(w http.ResponseWriter, e *exchange) {
	const block = 32 << 10
	w.Header().Set("Content-Type", contentJSON)
	_, err := w.Write([]byte(`{"data":[`))
	text := make([]byte, 0, block+100)
	for number := int64(4916_000_000_000); err == nil && e.ctx.Err() == nil; {
		for text = text[:0]; len(text) < block; number++ {
			text = append(text, `{"messaging_product":"`+product+`","wa_id":"`...)
			text = strconv.AppendInt(text, number, 10)
			text = append(text, `"},`...)
		}
		_, err = w.Write(text)
	}
}
