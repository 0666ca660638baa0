package fakeapi_test

import (
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

func TestSeedAcceptsAnySpelling(t *testing.T) {
	s := fakeapi.New(fakeapi.Options{})
	s.Seed("+49 (151) 1234-5671", "0049/151/12345671", "4915112345671", "49.151.12345672", "US.ENT.118", "us.1")
	want := []string{"4915112345671", "4915112345672", "US.ENT.118", "us.1"}
	if got := s.Blocked(); !slices.Equal(got, want) {
		t.Errorf("blocked %v, want %v", got, want)
	}
	s.Remove("00 49 151 12345671", "US.ENT.118", "+4915100000000")
	if got := s.Blocked(); !slices.Equal(got, []string{"4915112345672", "us.1"}) {
		t.Errorf("blocked %v", got)
	}
	if s.IsBlocked(anna) || !s.IsBlocked(berta) {
		t.Error("IsBlocked differs from Blocked")
	}
}

func TestSeedN(t *testing.T) {
	s, other := fakeapi.New(fakeapi.Options{}), fakeapi.New(fakeapi.Options{})
	first := s.SeedN(3)
	s.Remove(first[0])
	second := s.SeedN(2)
	if got, want := s.Blocked(), slices.Concat(first[1:], second); !slices.Equal(got, want) {
		t.Errorf("blocked %v, want %v", got, want)
	}
	other.Seed(first[2])
	if got, want := other.SeedN(4), slices.Concat(first[:2], second); !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
}

func TestSeedRejectsInvalidUsers(t *testing.T) {
	for _, invalid := range []string{"", "+", "anna", "0151 12345671", "123456", "1234567890123456", "USA.1", "US."} {
		wantPanic(t, invalid, func() { fakeapi.New(fakeapi.Options{}).Seed(invalid) })
	}
}

func TestNewRejectsInvalidNextURL(t *testing.T) {
	wantPanic(t, "NextURL", func() { fakeapi.New(fakeapi.Options{NextURL: "http://a b"}) })
}
