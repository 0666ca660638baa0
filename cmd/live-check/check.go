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

type check struct {
	client   *d360.Client
	recorder *recorder
	out      io.Writer
}

func (c *check) say(format string, args ...any) { _, _ = fmt.Fprintf(c.out, format+"\n", args...) }

// saw prints a line of the result.
func (c *check) saw(what, format string, args ...any) {
	c.say("  %-34s %s", what, fmt.Sprintf(format, args...))
}

// read reports the form of the list, and returns the users on it.
func (c *check) read(ctx context.Context) ([]userid.User, error) {
	c.say("Reading the list")
	var listed []userid.User
	var shapes pageShapes
	end := "not sent"
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
	} else if c.recorder.requests > len(shapes.sizes) {
		end = shapes.end(c.recorder.status, c.recorder.body)
	}
	c.saw("users", "%d in %d pages", len(listed), len(shapes.sizes))
	c.saw("form of an entry", "%s", orNone(shapes.forms))
	c.saw("members of an entry", "%s", orNone(shapes.members))
	c.saw("largest page, of 1,000 requested", "%s", shapes.largest())
	c.saw("last page", "%s", shapes.last)
	c.saw("extra request at the end", "%s", end)
	c.saw("host of paging.next", "%s", orNone(shapes.hosts))
	c.saw("WhatsApp ID differs from the input", "%d users", count(listed, func(u userid.User) bool { return !u.WaID.IsZero() && u.ID.IsNumber() && u.WaID != u.ID }))
	c.saw("named by user ID", "%d users", count(listed, userid.User.HasUserID))
	c.saw("whose number is hidden", "%d users", count(listed, func(u userid.User) bool { return u.HasUserID() && !u.HasNumber() }))
	c.saw("without a number and a user ID", "%d users", count(listed, userid.User.IsZero))

	again, err := c.client.Scan(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the list cannot be read a second time: %w", err)
	case !slices.Equal(keys(listed), keys(again)):
		c.saw("read twice", "differs: %d users, then %d. Did someone change it?", len(listed), len(again))
	default:
		c.saw("read twice", "the same")
	}
	return listed, nil
}

// write blocks and unblocks a user twice each, who is not blocked before and after.
func (c *check) write(ctx context.Context, user userid.User, listed []userid.User) error {
	c.say("\nBlocking and unblocking one user")
	if userid.NewIndex(listed...).Has(user) {
		return errors.New("this user is on the list, and the check would unblock them: name another user")
	}
	user, err := c.attempt(ctx, "a block", c.client.Block, user)
	// The block may have taken effect even if the check fails or is interrupted.
	defer func() { _, _ = c.client.Unblock(context.WithoutCancel(ctx), []userid.User{user}) }()
	if err != nil {
		return err
	}
	switch user.WaID {
	case userid.ID{}:
		c.saw("WhatsApp ID in the response", "none")
	case user.ID:
		c.saw("WhatsApp ID in the response", "the number's digits")
	default:
		c.saw("WhatsApp ID in the response", "not the number's digits")
	}
	c.saw("user ID in the response", "%s", yesNo(user.HasUserID()))
	shown, err := c.visible(ctx, "on the list right after", user, true)
	if err != nil {
		return err
	}
	user = user.Learn(shown)
	if _, err := c.attempt(ctx, "a second block", c.client.Block, user); err != nil {
		c.saw("the provider", "takes it as a success, because the user is on the list")
	}
	if err := c.byUserID(ctx, user); err != nil {
		return err
	}
	if _, err := c.attempt(ctx, "an unblock", c.client.Unblock, user); err != nil {
		return err
	}
	if _, err := c.visible(ctx, "on the list right after", user, false); err != nil {
		return err
	}
	if _, err := c.attempt(ctx, "a second unblock", c.client.Unblock, user); err != nil {
		c.saw("the provider", "takes it as a success, because the user is not on the list")
	}
	c.say("\nThe user is not blocked, as before.")
	return nil
}

// byUserID unblocks and blocks a user by user ID, if it is known.
func (c *check) byUserID(ctx context.Context, user userid.User) error {
	if user.ID.IsNumber() && user.UserID.IsZero() {
		c.saw("by user ID", "not tried: the API did not show the user ID")
		return nil
	}
	byID := user
	byID.ID = user.UserID
	if _, err := c.attempt(ctx, "an unblock by user ID", c.client.Unblock, byID); err != nil {
		return nil //nolint:nilerr // It is reported, and the unblock by number follows.
	}
	c.saw("field that accepted the user ID", "%s", c.recorder.userIDField())
	if _, err := c.visible(ctx, "on the list right after", user, false); err != nil {
		return err
	}
	if _, err := c.attempt(ctx, "a block by user ID", c.client.Block, byID); err == nil {
		return nil
	}
	_, err := c.attempt(ctx, "a block by number again", c.client.Block, user)
	return err
}

// attempt writes once and reports the response. It returns the user with the names in the response.
func (c *check) attempt(ctx context.Context, what string, write func(context.Context, []userid.User) ([]d360.UserResult, error), user userid.User) (userid.User, error) {
	results, err := write(ctx, []userid.User{user})
	if err == nil {
		user = results[0].User
		switch result := results[0]; {
		case result.Err != nil:
			err = result.Err
		case !result.Done:
			err = errors.New("the response names the user in no list")
		}
	}
	if err != nil {
		// The text of the error may contain the user.
		c.saw(what, "HTTP %d, rejected%s", c.recorder.status, codeOf(err))
		return user, fmt.Errorf("%s was rejected%s", what, codeOf(err))
	}
	c.saw(what, "HTTP %d, done, in %s", c.recorder.status, orNone(resultLists(c.recorder.body)))
	return user, nil
}

// visible reports whether and how the list shows the user.
func (c *check) visible(ctx context.Context, what string, user userid.User, want bool) (shown userid.User, err error) {
	entries, err := c.client.Scan(ctx)
	if err != nil {
		return shown, fmt.Errorf("the list cannot be read after a write: %w", err)
	}
	index := userid.NewIndex(entries...)
	at, listed := index.Match(user)
	if listed {
		shown = index.At(at)
	}
	switch {
	case listed != want:
		c.saw(what, "%s: the list lags behind the write; the provider waits ten seconds for that", yesNo(listed))
	case !listed:
		c.saw(what, "no")
	case shown.ID == user.ID:
		c.saw(what, "yes, by the name that was sent")
	case shown.HasNumber():
		c.saw(what, "yes, by the WhatsApp ID only")
	default:
		c.saw(what, "yes, by the user ID only")
	}
	return shown, nil
}

func codeOf(err error) string {
	if failure, ok := errors.AsType[*d360.Error](err); ok && failure.HasCode {
		return fmt.Sprintf(" with code %d (%s)", failure.Code, failure.Kind)
	}
	return ""
}

func count(entries []userid.User, is func(userid.User) bool) int {
	n := 0
	for _, u := range entries {
		if is(u) {
			n++
		}
	}
	return n
}

func keys(entries []userid.User) []string {
	users := make([]string, len(entries))
	for i, u := range entries {
		users[i] = u.Key().String() + u.Spelling
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
