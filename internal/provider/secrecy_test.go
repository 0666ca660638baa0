package provider_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
)

// net/http quotes bytes after the end of a response in Go's own log. The provider keeps
// them out of Terraform's log.
func TestAccProvider_trailingBytes(t *testing.T) {
	t.Parallel()
	const number, key = "16505551234", "secret-key"
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	})
	served := make(chan struct{}, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				in := bufio.NewReader(conn)
				for {
					if _, err := http.ReadRequest(in); err != nil {
						return
					}
					_, err := fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"data\":[]}{\"wa_id\":%q,\"key\":%q}", number, key)
					if err != nil {
						return
					}
					select {
					case served <- struct{}{}:
					default:
					}
				}
			}()
		}
	}()

	logFile := filepath.Join(t.TempDir(), "trace.log")
	work := acctest.StartWorkspace(t, "TF_LOG=TRACE", "TF_LOG_PATH="+logFile)
	config := acctest.RequiredProviders + acctest.ProviderBlock("http://"+listener.Addr().String(), key, "max_retries = 0") + "data \"d360_blocked_users\" \"all\" {}\n"
	acctest.Run(t, work, config, "init")
	if _, err := work.Run(t.Context(), "plan"); err != nil && !strings.Contains(err.Error(), "exit status 1") {
		t.Fatal(err)
	}
	select {
	case <-served:
	default:
		t.Error("the provider sent no request")
	}
	logged, err := os.ReadFile(logFile)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if !strings.Contains(string(logged), "Block Users API request") {
		t.Error("requests are not logged")
	}
	if strings.Contains(string(logged), number) || strings.Contains(string(logged), "Unsolicited") {
		t.Error("bytes after the end of a response are logged")
	}
}
