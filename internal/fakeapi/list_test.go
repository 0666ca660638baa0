package fakeapi

import (
	"fmt"
	"slices"
	"testing"
)

// TestViewsDoNotChange takes a view before each of many changes, and compares it with a copy of a slice.
func TestViewsDoNotChange(t *testing.T) {
	l := &list{byKey: map[string]*entry{}}
	var model []string
	var views []view
	var models [][]string
	versions := map[int]bool{}
	for i := range 300 {
		views, models = append(views, l.view()), append(models, slices.Clone(model))
		if versions[l.version] {
			t.Fatalf("version %d again after step %d", l.version, i)
		}
		versions[l.version] = true
		// Seven is coprime to 20, so this adds each of 20 users, then removes each, and so on.
		key := fmt.Sprint(i * 7 % 20)
		if at := slices.Index(model, key); at >= 0 {
			model = slices.Delete(model, at, at+1)
			l.remove(key)
			l.remove(key)
		} else {
			model = append(model, key)
			l.add(&entry{key: key})
			l.add(&entry{key: key})
		}
		if l.has(key) != slices.Contains(model, key) || l.len() != len(model) {
			t.Fatalf("step %d: list and model differ", i)
		}
	}
	for i, v := range views {
		var keys []string
		for _, e := range v.entries {
			keys = append(keys, e.key)
		}
		if !slices.Equal(keys, models[i]) {
			t.Errorf("view %d: %v, want %v", i, keys, models[i])
		}
	}
}

func TestRequestRing(t *testing.T) {
	s := New(Options{})
	for i := range keptRequests + 5 {
		s.remember(&Request{Status: i})
	}
	got := s.Requests()
	if len(got) != keptRequests || got[0].Status != 5 || got[keptRequests-1].Status != keptRequests+4 {
		t.Errorf("%d requests from %d to %d", len(got), got[0].Status, got[len(got)-1].Status)
	}
}

func TestErrorsHaveTexts(t *testing.T) {
	for code := range codeTexts {
		if e := newError(code); e.message == "" || e.details == "" || e.status < 400 {
			t.Errorf("code %d: %+v", code, e)
		}
	}
	if e := newError(299); e.status != 403 {
		t.Errorf("code 299 has status %d", e.status)
	}
}
