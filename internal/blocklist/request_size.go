package blocklist

import "github.com/d360/terraform-provider-d360/internal/d360"

// requestSizes are how many users a request names, largest first. No one knows how
// many the API takes, or a reseller's proxy in front of it.
var requestSizes = [...]int{d360.MaxUsersPerRequest, 500, 250, 100, 50, 20, 10, 5, 2, 1}

// growAfter is how many requests of one size in a row go through until the next
// larger size is tried again: the limit may have changed.
const growAfter = 32

// requestSize is the largest request that is worth trying. A run finds it out and
// remembers it.
type requestSize struct {
	// at is the index in requestSizes.
	at int
	// wentThrough counts requests of that size since the last one that did not.
	wentThrough int
	// largest is the largest request that went through.
	largest int
}

// users returns the size in users.
func (s *requestSize) users() int { return requestSizes[s.at] }

// shrink makes the size smaller than that of a request that was too large. It is
// false where there is no smaller one.
func (s *requestSize) shrink(tooLarge int) bool {
	s.wentThrough = 0
	for s.at < len(requestSizes)-1 {
		if s.users() < tooLarge {
			return true
		}
		s.at++
	}
	return s.users() < tooLarge
}

// went accounts for a request that the API took.
func (s *requestSize) went(users int) {
	s.largest = max(s.largest, users)
	if s.at == 0 || users < s.users() {
		return
	}
	if s.wentThrough++; s.wentThrough > growAfter {
		s.at--
		s.wentThrough = 0
	}
}
