package blocklist

import "github.com/d360/terraform-provider-d360/internal/d360"

// requestSizes are the numbers of users in a request, largest first. It is not known how
// many the API accepts, or a reseller's proxy between the provider and the API.
var requestSizes = [...]int{d360.MaxUsersPerRequest, 500, 250, 100, 50, 20, 10, 5, 2, 1}

// growAfter is how many requests of one size must succeed in a row before the next
// larger size is tried: the limit may have changed.
const growAfter = 32

// requestSize is the number of users for the next request. It shrinks and grows with the
// responses of a run.
type requestSize struct {
	// at is the index in requestSizes.
	at int
	// inARow counts the requests of that size that succeeded in a row.
	inARow int
	// largest is the largest request that succeeded.
	largest int
}

// limit returns how many users the next request may have.
func (s *requestSize) limit() int { return requestSizes[s.at] }

// shrink makes the size smaller than that of a request that was too large. It returns
// false if there is no smaller size.
func (s *requestSize) shrink(tooLarge int) bool {
	s.inARow = 0
	for s.limit() >= tooLarge && s.at < len(requestSizes)-1 {
		s.at++
	}
	return s.limit() < tooLarge
}

// succeeded records a request that the API accepted.
func (s *requestSize) succeeded(users int) {
	s.largest = max(s.largest, users)
	if s.at == 0 || users < s.limit() {
		return
	}
	if s.inARow++; s.inARow > growAfter {
		s.at--
		s.inARow = 0
	}
}
