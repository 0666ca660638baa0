// Command terraform prints the path of the Terraform or OpenTofu executable for tests,
// documentation and demo. If the machine has none, it gets one first.
//
// Standard output has only the path, for make recipes. Progress goes to standard error.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	openTofu := flag.Bool("opentofu", false, "print an OpenTofu of at least "+minimumOpenTofu.String()+", never a Terraform")
	root := flag.String("root", "..", "the checkout; the default fits go run -C tools ./terraform")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	path, err := find(ctx, *root, *openTofu)
	if err != nil {
		fmt.Fprintln(os.Stderr, "terraform:", err)
		stop()
		os.Exit(1)
	}
	fmt.Println(path)
}

// find returns the absolute path of the executable to use.
func find(ctx context.Context, root string, openTofu bool) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	f := &finder{
		cacheDir: filepath.Join(root, ".cache", "bin"),
		getenv:   os.Getenv,
		lookPath: exec.LookPath,
		version:  cliVersion,
		download: downloadTerraform,
		build: func(ctx context.Context, dir string) (string, error) {
			return buildOpenTofu(ctx, filepath.Join(root, "tools", "opentofu"), dir)
		},
		log: os.Stderr,
	}
	if openTofu {
		return f.openTofu(ctx)
	}
	return f.any(ctx)
}
