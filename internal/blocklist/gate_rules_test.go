package blocklist

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// listOf returns a list whose last scan, which began now, has these entries.
func listOf(entries ...userid.User) *List {
	l := New(nil, time.Second)
	l.scanned(0, 0, entries...)
	return l
}

// scanned adds a finished scan that came after the write seq.
func (l *List) scanned(which int, seq uint64, entries ...userid.User) *snapshot {
	s, _ := newSnapshot(seq, time.Now(), entries, nil)
	l.scans[which] = &sharedScan{done: make(chan struct{}), snapshot: s}
	close(l.scans[which].done)
	return s
}

// Each condition of the gate decides alone.
func TestGate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user     userid.User
		presence Presence
		recent   bool
		proof    Proof
		wanted   []userid.User
		unlisted kindCount
		admits   bool
		err      error
	}{
		"listed, proven by run":                     {user: UserOf(SomeNumber), presence: Listed, proof: ProvenByRun, admits: true},
		"listed, proven by count":                   {user: UserOf(SomeNumber), presence: Listed, proof: ProvenByCount, admits: true},
		"listed, not proven":                        {user: UserOf(SomeNumber), presence: Listed, err: ErrNotShown},
		"listed, others are wanted":                 {user: UserOf(SomeNumber), presence: Listed, proof: ProvenByRun, wanted: []userid.User{UserOf(OtherNumber), UserOf("DE.1")}, admits: true},
		"wanted by number":                          {user: UserOf(SomeNumber), presence: Listed, proof: ProvenByRun, wanted: []userid.User{UserOf(SomeNumber)}},
		"wanted by WhatsApp ID":                     {user: UserOf(BrazilNumber, BrazilAlternate), presence: Listed, proof: ProvenByRun, wanted: []userid.User{UserOf(BrazilAlternate)}},
		"wanted by user ID":                         {user: UserOf(SomeNumber, "DE.1"), presence: Listed, proof: ProvenByRun, wanted: []userid.User{UserOf("DE.1")}},
		"wanted, not proven":                        {user: UserOf(SomeNumber), presence: Listed, wanted: []userid.User{UserOf(SomeNumber)}},
		"alternate form is wanted":                  {user: UserOf(BrazilNumber), presence: Listed, proof: ProvenByRun, wanted: []userid.User{UserOf(BrazilAlternate)}, err: ErrAlternateForm},
		"alternate form is another user":            {user: UserOf(BrazilNumber, BrazilNumber), presence: Listed, proof: ProvenByRun, wanted: []userid.User{UserOf(BrazilAlternate, BrazilAlternate)}, admits: true},
		"alternate form is wanted, absent":          {user: UserOf(BrazilNumber), presence: Absent, proof: ProvenByRun, wanted: []userid.User{UserOf(BrazilAlternate)}, err: ErrAlternateForm},
		"may be an unlisted user":                   {user: UserOf("DE.1"), presence: Listed, proof: ProvenByRun, unlisted: kindCount{numberOnly: 1}, err: ErrOtherName},
		"may be an unlisted user, not proven":       {user: UserOf(SomeNumber), presence: Listed, unlisted: kindCount{userIDOnly: 1}, err: ErrOtherName},
		"no unlisted user, both have numbers":       {user: UserOf(SomeNumber), presence: Listed, proof: ProvenByRun, unlisted: kindCount{numberOnly: 1}, admits: true},
		"no unlisted user, the user has both names": {user: UserOf(SomeNumber, "DE.1"), presence: Listed, proof: ProvenByRun, unlisted: kindCount{numberOnly: 1, userIDOnly: 1}, admits: true},
		"absent, an unlisted user":                  {user: UserOf(SomeNumber), presence: Absent, proof: ProvenByRun, unlisted: kindCount{userIDOnly: 1}},
		"recent write, may be an unlisted user":     {user: UserOf(SomeNumber), presence: Absent, recent: true, proof: ProvenByRun, unlisted: kindCount{userIDOnly: 1}, err: ErrOtherName},
		"absent":                                    {user: UserOf(SomeNumber), presence: Absent, proof: ProvenByRun},
		"absent, not proven":                        {user: UserOf(SomeNumber), presence: Absent},
		"absent, recent write":                      {user: UserOf(SomeNumber), presence: Absent, recent: true, proof: ProvenByRun, admits: true},
		"absent, recent write, not proven":          {user: UserOf(SomeNumber), presence: Absent, recent: true, err: ErrNotShown},
		"uncertain":                                 {user: UserOf(SomeNumber), presence: Uncertain, proof: ProvenByRun, err: ErrMayBeListed},
		"uncertain, not proven":                     {user: UserOf(SomeNumber), presence: Uncertain, err: ErrMayBeListed},
		"uncertain, recent write":                   {user: UserOf(SomeNumber), presence: Uncertain, recent: true, proof: ProvenByCount, admits: true},
		"wanted, recent write":                      {user: UserOf(SomeNumber), presence: Absent, recent: true, proof: ProvenByRun, wanted: []userid.User{UserOf(SomeNumber)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listOf()
			l.Keep(test.wanted...)
			it := &item{user: test.user, removal: Removal{Proof: test.proof}}
			if test.recent {
				it.removal.LastWrite = time.Now()
			}
			if admits, err := l.gate(it, test.presence, test.unlisted); admits != test.admits || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Errorf("admits %t, %v; want %t, %v", admits, err, test.admits, test.err)
			}
		})
	}
}

func TestMayBeWanted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries []userid.User
		noScan  bool
		user    userid.User
		wanted  []userid.User
		want    bool
	}{
		"no user is wanted":                              {user: UserOf(BrazilNumber)},
		"another user":                                   {user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(SomeNumber)}},
		"the alternate form":                             {user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate)}, want: true},
		"the alternate form, no scan yet":                {noScan: true, user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate)}, want: true},
		"the list shows the alternate form":              {entries: []userid.User{UserOf(BrazilAlternate)}, user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate)}, want: true},
		"the list shows the number":                      {entries: []userid.User{UserOf(BrazilNumber)}, user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate)}, want: true},
		"the list shows two entries":                     {entries: []userid.User{UserOf(BrazilAlternate), UserOf(BrazilNumber)}, user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate)}},
		"the list shows one entry with both":             {entries: []userid.User{UserOf(BrazilNumber, BrazilAlternate)}, user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate)}, want: true},
		"two WhatsApp IDs":                               {user: UserOf(BrazilNumber, BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate, BrazilAlternate)}},
		"one WhatsApp ID":                                {user: UserOf(BrazilNumber, BrazilNumber), wanted: []userid.User{UserOf(BrazilAlternate)}, want: true},
		"the list shows two entries, one more is wanted": {entries: []userid.User{UserOf("", BrazilAlternate), UserOf("", BrazilNumber)}, user: UserOf(BrazilNumber), wanted: []userid.User{UserOf(SomeNumber), UserOf(BrazilAlternate)}},
		"an alternate form with user IDs":                {user: UserOf(BrazilNumber, "BR.1"), wanted: []userid.User{UserOf(BrazilAlternate, "BR.2")}},
	} {
		l := listOf(test.entries...)
		if test.noScan {
			l.invalidate()
		}
		l.Keep(test.wanted...)
		if got := l.mayBeWanted(test.user); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

func TestShowsBoth(t *testing.T) {
	t.Parallel()
	s := listOf(UserOf(SomeNumber, "DE.1"), UserOf(OtherNumber)).lastSnapshot()
	for _, test := range []struct {
		a, b userid.User
		want bool
	}{
		{UserOf(SomeNumber), UserOf(OtherNumber), true},
		{UserOf("DE.1"), UserOf(OtherNumber), true},
		{UserOf(SomeNumber), UserOf("DE.1"), false},
		{UserOf(SomeNumber), UserOf(SomeNumber), false},
		{UserOf(SomeNumber), UserOf(BrazilNumber), false},
		{UserOf(OtherNumber), UserOf(BrazilNumber), false},
		{UserOf(BrazilAlternate), UserOf(BrazilNumber), false},
	} {
		if got, reverse := s.showsBoth(test.a, test.b), s.showsBoth(test.b, test.a); got != test.want || reverse != test.want {
			t.Errorf("%v and %v are two entries: %t, in reverse order %t, want %t", test.a, test.b, got, reverse, test.want)
		}
	}
}

func TestNextName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user, shown userid.User
		rejected    []string
		want        string
	}{
		"the number that the list shows":            {user: UserOf(SomeNumber, "DE.1"), shown: UserOf(OtherNumber, "DE.1"), want: OtherNumber},
		"the WhatsApp ID that the list shows":       {user: UserOf(BrazilNumber), shown: UserOf("", BrazilAlternate, "BR.1"), want: BrazilAlternate},
		"the number as written before the ID":       {user: UserOf(BrazilNumber), shown: UserOf(BrazilNumber, BrazilAlternate), want: BrazilNumber},
		"the user ID where the list hides a number": {user: UserOf(SomeNumber, "DE.1"), shown: UserOf("", "DE.1"), want: "DE.1"},
		"the user ID, the number rejected":          {user: UserOf(SomeNumber, "DE.1"), shown: UserOf("", SomeNumber, "DE.2"), rejected: []string{SomeNumber}, want: "DE.2"},
		"another number, the shown ones rejected":   {user: UserOf(SomeNumber, "DE.1"), shown: UserOf("", OtherNumber, "DE.1"), rejected: []string{OtherNumber, "DE.1"}, want: SomeNumber},
		"a known user ID, the others rejected":      {user: UserOf(SomeNumber, "DE.1"), shown: UserOf("", OtherNumber, "DE.2"), rejected: []string{OtherNumber, "DE.2", SomeNumber}, want: "DE.1"},
		"not on the list: the number":               {user: UserOf(SomeNumber, "DE.1"), want: SomeNumber},
		"not on the list: the user ID":              {user: UserOf("DE.1"), want: "DE.1"},
		"none left":                                 {user: UserOf(SomeNumber, "DE.1"), shown: UserOf("", SomeNumber, "DE.1"), rejected: []string{SomeNumber, "DE.1"}},
	} {
		it := &item{user: test.user}
		for _, rejected := range test.rejected {
			it.rejectedNames = append(it.rejectedNames, IDOf(rejected))
		}
		if got := nextName(it, test.shown).String(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestIsRecent(t *testing.T) {
	t.Parallel()
	const lag, minute = 10 * time.Second, time.Minute
	for name, test := range map[string]struct {
		// written is the time of the last write, after the time of the unblock, both from the
		// start of the run.
		written, after time.Duration
		never          bool
		want           bool
	}{
		"a second ago":        {written: -time.Second, want: true},
		"almost a minute ago": {written: -minute + 1, want: true},
		"a minute ago":        {written: -minute},
		"almost a minute ago, half of it in the run":  {written: -30 * time.Second, after: 30*time.Second - 1, want: true},
		"a minute ago, half of it in the run":         {written: -30 * time.Second, after: 30 * time.Second},
		"in the future, almost a minute into the run": {written: time.Hour, after: minute - 1, want: true},
		"in the future, a minute into the run":        {written: time.Hour, after: minute},
		"never":                                       {never: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := New(nil, lag)
			written := l.created.Add(test.written)
			if test.never {
				written = time.Time{}
			}
			time.Sleep(test.after)
			if got := l.isRecent(written); got != test.want {
				t.Errorf("%s: %t, want %t", name, got, test.want)
			}
		})
	}
}
