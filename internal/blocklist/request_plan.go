package blocklist

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/d360/terraform-provider-d360/internal/d360"
)

// requestPlan decides how large the requests of one batch are.
type requestPlan struct {
	*batchWriter

	// inRejected counts the users, from the next one on, of a request that was rejected as a
	// whole. size bounds the requests with these users. isExplained is set once one of them
	// was rejected alone, which explains the rejection. largest is the largest request with
	// these users that succeeded.
	inRejected, size, largest int
	isExplained               bool
	// probes counts the users, from the next one on, who are sent alone to find out
	// whether the reason lies in a user.
	probes int
	// sizeBefore is the request size before the API first rejected a request as too large
	// or too soon, nil if it did not. isRateLimit is set once no size helped.
	sizeBefore  *requestSize
	isRateLimit bool
	// throttles counts requests in a row that came too soon.
	throttles int
	// alone counts users who were rejected alone, until anything went through.
	alone        int
	anySucceeded bool
}

// next returns the users of the next request, and the others.
func (p *requestPlan) next(todo []*item) (part, rest []*item) {
	n := min(len(todo), p.list.largestRequest())
	switch {
	case p.probes > 0:
		n = 1
	case p.inRejected > 0:
		n = min(n, p.size, p.inRejected)
	}
	return todo[:n], todo[n:]
}

// succeeded records a request that the API did not reject as a whole. users is how many
// it had, planned is how many there were before the gate.
func (p *requestPlan) succeeded(users, planned int) {
	p.list.withSize(func(s *requestSize) { s.succeeded(users) })
	p.list.setGeneralRejection(p.kind, nil)
	p.sizeBefore, p.isRateLimit, p.probes, p.throttles, p.anySucceeded = nil, false, 0, 0, true
	if p.inRejected > 0 {
		p.largest = max(p.largest, users)
		if p.isExplained {
			p.size *= 2
		}
	}
	p.resolved(planned)
}

// resolved records users of a rejected request who now have a result. If all succeeded in
// smaller requests, the API had rejected their number.
func (p *requestPlan) resolved(users int) {
	if p.inRejected == 0 {
		return
	}
	if p.inRejected = max(0, p.inRejected-users); p.inRejected == 0 && !p.isExplained {
		p.list.withSize(func(s *requestSize) { s.shrink(p.largest + 1) })
	}
}

// maxProbes is how many users are sent alone after a rejection that may concern all.
const maxProbes = 6

// rejected records a request of several users that was rejected as a whole, and returns
// the users to send next, in their order. If the code does not say that the reason lies in
// a user, some users are sent alone first, chosen at random. If all of these are rejected,
// the reason lies in no user.
func (p *requestPlan) rejected(failure *d360.Error, part, rest []*item) []*item {
	if p.inRejected == 0 {
		p.inRejected, p.isExplained, p.largest = len(part), false, 0
		if !failure.ConcernsOneUser() && len(part) > maxProbes {
			p.probes = maxProbes
			part = slices.Clone(part)
			for i := range maxProbes {
				other := i + rand.IntN(len(part)-i) //nolint:gosec // Not for secrecy.
				part[i], part[other] = part[other], part[i]
			}
		}
	}
	p.size = max(1, len(part)/2)
	return slices.Concat(part, rest)
}

// rejectedAlone records a user who was rejected alone.
func (p *requestPlan) rejectedAlone() {
	p.isExplained = true
	p.probes = max(0, p.probes-1)
	p.size = max(p.size, 2)
	p.resolved(1)
}

// isGeneral reports whether the API has rejected so many users alone that the reason lies
// in none of them. A code that may be about a user counts within one batch only, because
// the next batch has other users.
func (p *requestPlan) isGeneral(failure *d360.Error) bool {
	switch {
	case failure.ConcernsOneUser() || p.anySucceeded:
		return false
	case failure.IsAboutParameters():
		p.alone++
		return p.alone >= maxProbes
	default:
		return p.list.countGeneralRejection(p.kind, failure) >= maxProbes
	}
}

// throttled records a request that came too soon or had too many users: the API has one
// code for both. It returns true if a smaller request is worth trying at once.
func (p *requestPlan) throttled(failure *d360.Error, users int) bool {
	if failure.Kind != d360.Throttled {
		return false
	}
	p.throttles++
	smaller := false
	p.list.withSize(func(s *requestSize) {
		if !failure.MayNameTooMany() || p.isRateLimit || users <= s.largest {
			// Too soon. If that repeats, the request may have too many users.
			if p.throttles > 1 {
				s.shrink(users)
			}
			return
		}
		if p.sizeBefore == nil {
			before := *s
			p.sizeBefore = &before
		}
		if smaller = s.shrink(users); !smaller {
			// The API throttles even one user, so it limits the number of requests.
			*s, p.isRateLimit = *p.sizeBefore, true
		}
	})
	return smaller
}

// timedOut makes the next request smaller after one that took too long.
func (p *requestPlan) timedOut(failure *d360.Error, users int) {
	if failure.MayNameTooMany() {
		p.list.withSize(func(s *requestSize) { s.shrink(users) })
	}
}

// largestRequest returns how many users a request may name.
func (l *List) largestRequest() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size.users()
}

func (l *List) withSize(do func(*requestSize)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(&l.size)
}

// generalRejection is the reason for which the API rejected several users alone, one
// after the other, without a success.
type generalRejection struct {
	err   *d360.Error
	users int
	since time.Time
}

// generalRejection returns the reason for which the API rejects all users, nil if it does
// not. The reason expires.
func (l *List) generalRejection(k kind) *d360.Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.general[k]; g.users >= maxProbes && time.Since(g.since) < confirmFor {
		return g.err
	}
	return nil
}

// countGeneralRejection counts a user who was rejected alone, and returns how many were
// in a row.
func (l *List) countGeneralRejection(k kind, err *d360.Error) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &l.general[k]
	g.err, g.since = err, time.Now()
	g.users++
	return g.users
}

func (l *List) setGeneralRejection(k kind, err *d360.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.general[k] = generalRejection{err: err}
}
