package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// check goes through what is not known of the service.
type check struct {
	client   *d360.Client
	recorder *recorder
	out      io.Writer
}

func (c *check) say(format string, args ...any) { _, _ = fmt.Fprintf(c.out, format+"\n", args...) }

// saw prints one line of the checklist.
func (c *check) saw(what, format string, args ...any) {
	c.say("  %-34s %s", what, fmt.Sprintf(format, args...))
}

// read goes through what a listing shows, and returns everyone on the list.
func (c *check) read(ctx context.Context) ([]d360.Entry, error) {
	c.say("Reading the list")
	var listed []d360.Entry
	var shapes pageShapes
	for page, err := range c.client.Pages(ctx) {
		if err != nil {
			c.saw("the listing", "ended after %d users: %v", len(listed), err)
			return nil, errors.New("the list cannot be read to its end")
		}
		listed = append(listed, page...)
		shapes.add(c.recorder.body)
	}
	if len(listed) == 0 {
		shapes.add(c.recorder.body)
	}
	c.saw("users", "%d in %d pages", len(listed), len(shapes.sizes))
	c.saw("form of an entry", "%s", orNone(shapes.forms))
	c.saw("members of an entry", "%s", orNone(shapes.members))
	c.saw("largest page, of 1,000 asked for", "%s", shapes.largest())
	c.saw("last page", "%s", shapes.last)
	c.saw("host of paging.next", "%s", orNone(shapes.hosts))
	c.saw("WhatsApp ID other than the input", "%d users", count(listed, func(e d360.Entry) bool { return !e.WaID.IsZero() && !e.User.IsZero() && e.WaID != e.User }))
	c.saw("named by no number and no user ID", "%d users", count(listed, func(e d360.Entry) bool { return len(e.IDs()) == 0 }))

	again, err := c.client.Scan(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the list could be read once, and not twice: %w", err)
	case !slices.Equal(principals(listed), principals(again)):
		c.saw("read twice", "differs: %d users, then %d. Was it changed meanwhile?", len(listed), len(again))
	default:
		c.saw("read twice", "the same")
	}
	return listed, nil
}

// write blocks and unblocks a user who is not blocked, twice each, and leaves
// them not blocked.
func (c *check) write(ctx context.Context, user userid.ID, listed []d360.Entry) error {
	c.say("\nBlocking and unblocking one user")
	if holds(listed, user) {
		return errors.New("this user is on the list. They would be unblocked at the end, so name somebody else")
	}
	waID, err := c.attempt(ctx, "a block", c.client.Block, user)
	// What may have been done is undone, also where the check is interrupted.
	defer func() { _, _ = c.client.Unblock(context.WithoutCancel(ctx), []userid.ID{user}) }()
	if err != nil {
		return err
	}
	switch {
	case waID.IsZero():
		c.saw("WhatsApp ID in the answer", "none")
	case waID == user:
		c.saw("WhatsApp ID in the answer", "the number's digits")
	default:
		c.saw("WhatsApp ID in the answer", "other than the number's digits")
	}
	if err := c.visible(ctx, "on the list right after", user, waID, true); err != nil {
		return err
	}
	if _, err := c.attempt(ctx, "a block of who is blocked", c.client.Block, user); err != nil {
		c.saw("which the provider", "takes for done, as the user is on the list")
	}
	if _, err := c.attempt(ctx, "an unblock", c.client.Unblock, user); err != nil {
		return err
	}
	if err := c.visible(ctx, "on the list right after", user, waID, false); err != nil {
		return err
	}
	if _, err := c.attempt(ctx, "an unblock of who is not blocked", c.client.Unblock, user); err != nil {
		c.saw("which the provider", "takes for done, as the user is not on the list")
	}
	c.say("\nThe user is not blocked, as before.")
	return nil
}

// attempt writes once and prints what the answer looks like.
func (c *check) attempt(ctx context.Context, what string, write func(context.Context, []userid.ID) ([]d360.Answer, error), user userid.ID) (waID userid.ID, err error) {
	answers, err := write(ctx, []userid.ID{user})
	if err == nil {
		switch answer := answers[0]; {
		case answer.Err != nil:
			err = answer.Err
		case !answer.Done:
			err = errors.New("the answer names the user in no list")
		default:
			waID = answer.WaID
		}
	}
	if err != nil {
		// The texts of errors may quote the user.
		c.saw(what, "HTTP %d, refused%s", c.recorder.status, codeOf(err))
		return waID, fmt.Errorf("%s was refused%s", what, codeOf(err))
	}
	c.saw(what, "HTTP %d, done, in %s", c.recorder.status, orNone(resultLists(c.recorder.body)))
	return waID, nil
}

// visible prints whether the list shows the user, and how.
func (c *check) visible(ctx context.Context, what string, user, waID userid.ID, want bool) error {
	entries, err := c.client.Scan(ctx)
	if err != nil {
		return fmt.Errorf("the list cannot be read after a write: %w", err)
	}
	byInput := holds(entries, user)
	byWaID := !waID.IsZero() && holds(entries, waID)
	switch {
	case (byInput || byWaID) != want:
		c.saw(what, "%s: the list lags behind the write, which the provider does not expect", yesNo(!want))
	case byInput:
		c.saw(what, "yes, by what was sent")
	case byWaID:
		c.saw(what, "yes, by the WhatsApp ID alone")
	default:
		c.saw(what, "no")
	}
	return nil
}

func codeOf(err error) string {
	var failure *d360.Error
	if errors.As(err, &failure) && failure.HasCode {
		return fmt.Sprintf(" with code %d (%s)", failure.Code, failure.Kind)
	}
	return ""
}

func holds(entries []d360.Entry, user userid.ID) bool {
	return slices.ContainsFunc(entries, func(e d360.Entry) bool { return slices.Contains(e.IDs(), user) })
}

func count(entries []d360.Entry, is func(d360.Entry) bool) int {
	n := 0
	for _, e := range entries {
		if is(e) {
			n++
		}
	}
	return n
}

func principals(entries []d360.Entry) []string {
	users := make([]string, len(entries))
	for i, e := range entries {
		users[i] = e.Principal()
	}
	slices.Sort(users)
	return users
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
