// Command live-check reports the form of the real API's responses, which the documents leave open.
// It only reads the list, unless a flag names a user to block and unblock. It prints no phone
// number and no key.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/d360/terraform-provider-d360/internal/d360"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

func main() {
	write := flag.String("write", "", "a `user` to block and unblock, who is not blocked and wrote to the number within 24 hours")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Stdout, settings{baseURL: os.Getenv("D360_BASE_URL"), key: os.Getenv("D360_API_KEY"), write: *write})
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nlive check failed:", err)
		os.Exit(1)
	}
}

type settings struct {
	baseURL, key string
	// write is a user to block and unblock; empty means none.
	write string
}

func run(ctx context.Context, out io.Writer, s settings) error {
	if s.key == "" {
		return errors.New("set D360_API_KEY to the key of a business number")
	}
	var user userid.User
	if s.write != "" {
		var err error
		if user, err = userid.New(s.write); err != nil {
			return fmt.Errorf("the user to block and unblock: %w", err)
		}
	}
	recorder := newRecorder()
	client, err := d360.New(d360.Options{
		BaseURL: s.baseURL, Key: s.key, UserAgent: "terraform-provider-d360-livecheck",
		MaxRetries: 1, Transport: recorder,
	})
	if err != nil {
		return err
	}
	c := &check{client: client, recorder: recorder, out: out}
	listed, err := c.read(ctx)
	if err != nil {
		return err
	}
	if user.IsZero() {
		c.say("\nNothing was written. To check a block and an unblock too, name a user who is not blocked and has\nwritten to this number within 24 hours: make live-check WRITE=+49…")
		return nil
	}
	return c.write(ctx, user, listed)
}
