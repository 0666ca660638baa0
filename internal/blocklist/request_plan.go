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

	// suspects counts the users, from the next one on, of a request that was rejected
	// as a whole. size bounds the requests among them. hasCulprit is set once one of
	// them was rejected alone, which explains the rejection; largest is the largest
	// request among them that went through.
	suspects, size, largest int
	hasCulprit              bool
	// probes counts the users, from the next one on, who are sent alone to find out
	// whether the reason lies in any user.
	probes int
	// cascade is the request size before the API first said that it was too many, nil
	// where it did not, or where that turned out to be about the number of requests.
	cascade *requestSize
	isLimit bool
	// throttles counts requests in a row that came too soon.
	throttles int
	// lone counts users who were rejected alone, until anything went through.
	lone         int
	anythingWent bool
}

// next parts the users of the next request from the others.
func (p *requestPlan) next(todo []*item) (part, rest []*item) {
	n := min(len(todo), p.list.largestRequest())
	switch {
	case p.probes > 0:
		n = 1
	case p.suspects > 0:
		n = min(n, p.size, p.suspects)
	}
	return todo[:n], todo[n:]
}

// wentThrough accounts for a request that the API dealt with user by user. named is
// how many users it was made for, and the gate may have kept some of them.
func (p *requestPlan) wentThrough(users, named int) {
	p.list.withSize(func(s *requestSize) { s.went(users) })
	p.list.setGeneralRejection(p.kind, nil)
	p.cascade, p.isLimit, p.probes, p.throttles, p.anythingWent = nil, false, 0, 0, true
	if p.suspects > 0 {
		p.largest = max(p.largest, users)
		if p.hasCulprit {
			p.size *= 2
		}
	}
	p.resolved(named)
}

// resolved accounts for users who are not suspects any more. Where all went through in
// smaller requests, it was their number that the API rejected.
func (p *requestPlan) resolved(users int) {
	if p.suspects == 0 {
		return
	}
	if p.suspects = max(0, p.suspects-users); p.suspects == 0 && !p.hasCulprit {
		p.list.withSize(func(s *requestSize) { s.shrink(p.largest + 1) })
	}
}

// mostProbes is how many users are sent alone after a rejection that may concern all.
const mostProbes = 6

// rejected accounts for a request of several users that was rejected as a whole, and
// returns the users to send next, in their order. Where the code does not say that the
// reason lies in a user, some are sent alone first, other ones each time: if all are
// rejected, it lies in none.
func (p *requestPlan) rejected(failure *d360.Error, part, rest []*item) []*item {
	if p.suspects == 0 {
		p.suspects, p.hasCulprit, p.largest = len(part), false, 0
		if !failure.ConcernsOneUser() && len(part) > mostProbes {
			p.probes = mostProbes
			part = slices.Clone(part)
			for i := range mostProbes {
				other := i + rand.IntN(len(part)-i) //nolint:gosec // Not for secrecy.
				part[i], part[other] = part[other], part[i]
			}
		}
	}
	p.size = max(1, len(part)/2)
	return slices.Concat(part, rest)
}

// foundCulprit accounts for a user who was rejected alone.
func (p *requestPlan) foundCulprit() {
	p.hasCulprit = true
	p.probes = max(0, p.probes-1)
	p.size = max(p.size, 2)
	p.resolved(1)
}

// isGeneral reports whether a user who was rejected alone was the last of many that
// the API rejected for one reason, so that it lies in none of them. A code that may be
// about a user counts within a batch alone: the users of the next one are others.
func (p *requestPlan) isGeneral(failure *d360.Error) bool {
	switch {
	case failure.ConcernsOneUser() || p.anythingWent:
		return false
	case failure.IsAboutParameters():
		p.lone++
		return p.lone >= mostProbes
	default:
		return p.list.countGeneralRejection(p.kind, failure) >= mostProbes
	}
}

// throttled accounts for a request that came too soon, or named too many users: the
// API has one code for both. It is true where a smaller request is worth trying at
// once.
func (p *requestPlan) throttled(failure *d360.Error, users int) bool {
	if failure.Kind != d360.Throttled {
		return false
	}
	p.throttles++
	smaller := false
	p.list.withSize(func(s *requestSize) {
		if !failure.MayNameTooMany() || p.isLimit || users <= s.largest {
			// Too soon. If that repeats, it may be too many anyway.
			if p.throttles > 1 {
				s.shrink(users)
			}
			return
		}
		if p.cascade == nil {
			before := *s
			p.cascade = &before
		}
		if smaller = s.shrink(users); !smaller {
			// Even one user is too many, so it is about the number of requests.
			*s, p.isLimit = *p.cascade, true
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

// generalRejection is a reason why the API rejected several users in a row one by one,
// and nothing went through.
type generalRejection struct {
	err   *d360.Error
	users int
	since time.Time
}

// generalRejection returns why the API rejects everyone, nil if it does not. After
// some time it is worth asking again.
func (l *List) generalRejection(k kind) *d360.Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.general[k]; g.users >= mostProbes && time.Since(g.since) < supportFor {
		return g.err
	}
	return nil
}

// countGeneralRejection counts a user who was rejected alone, and returns how many
// were so in a row.
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
