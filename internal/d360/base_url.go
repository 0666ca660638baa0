package d360

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ParseBaseURL reads the address of an API: an absolute https URL, with a path at
// most. It accepts http for loopback hosts only, because requests carry the key.
func ParseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// The parser's error repeats the input, which may hold a password.
		return nil, errors.New("it is not a URL")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("it holds a user name or password; the key goes in a header, so leave them out")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("it must start with https:// (or http:// for a loopback host), such as %s", DefaultBaseURL)
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it must end with the host or a path, without ? or #")
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), usersPath):
		return nil, fmt.Errorf("it must end before %s, which the provider adds", usersPath)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("it would send the key unencrypted to %s; http:// is for loopback hosts only, use https://", Printable(u.Hostname()))
	}
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
