package release_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/provider"
)

// startRegistry serves the files, the manifest and the key of the release by the provider
// registry protocol, and returns its base URL.
// https://developer.hashicorp.com/terraform/internals/provider-registry-protocol
func startRegistry(t *testing.T, r release) string {
	t.Helper()
	signature := signatureOf(t, r)
	key := string(r.read(t, signingKey))
	sums := r.sums(t)
	_, protocols := parseManifest(t, r)

	type target struct {
		OS   string `json:"os"`
		Arch string `json:"arch"`
	}
	var targets []target
	for _, p := range platforms {
		targets = append(targets, target{p.os, p.arch})
	}

	const base = "/v1/providers/"
	address := base + provider.Source
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+address+"/versions", func(w http.ResponseWriter, _ *http.Request) {
		respond(t, w, map[string]any{"versions": []any{map[string]any{
			"version": r.Version, "protocols": protocols, "platforms": targets,
		}}})
	})
	mux.HandleFunc("GET "+address+"/"+r.Version+"/download/{os}/{arch}", func(w http.ResponseWriter, req *http.Request) {
		p := platform{req.PathValue("os"), req.PathValue("arch")}
		name := r.file(p.String() + ".zip")
		respond(t, w, map[string]any{
			"os": p.os, "arch": p.arch, "protocols": protocols,
			"filename": name, "download_url": "/files/" + name, "shasum": sums[name],
			"shasums_url": "/files/" + r.file("SHA256SUMS"), "shasums_signature_url": "/files/" + signature,
			"signing_keys": map[string]any{"gpg_public_keys": []any{map[string]any{"ascii_armor": key}}},
		})
	})
	mux.Handle("GET /files/", http.StripPrefix("/files/", http.FileServer(http.Dir(r.dir))))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + base
}

func respond(t *testing.T, w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		t.Error(err)
	}
}
