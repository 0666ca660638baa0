package prototest

import (
	"slices"
	"sync"
)

// node is one thing to do in a walk.
type node struct {
	address string
	// after is what has to be done, and well, before.
	after *node
	// do returns false where it failed.
	do func() bool

	done   chan struct{}
	failed bool
}

// walk does all nodes, at most Parallelism at once.
func (tf *Terraform) walk(nodes []*node) {
	if tf.Order != nil {
		nodes = tf.ordered(nodes)
	}
	for _, n := range nodes {
		n.done = make(chan struct{})
	}
	slots := make(chan struct{}, tf.Parallelism)
	var wg sync.WaitGroup
	for _, n := range nodes {
		if n.after == nil {
			// Here and not below, so that what has nothing to wait for begins in order.
			slots <- struct{}{}
		}
		wg.Go(func() {
			defer close(n.done)
			if n.after != nil {
				<-n.after.done
				if n.failed = n.after.failed; n.failed {
					return
				}
				slots <- struct{}{}
			}
			defer func() { <-slots }()
			n.failed = !n.do()
		})
	}
	wg.Wait()
}

func (tf *Terraform) ordered(nodes []*node) []*node {
	addresses := make([]string, len(nodes))
	for i, n := range nodes {
		addresses[i] = n.address
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	tf.Order(addresses)
	place := make(map[string]int, len(addresses))
	for i, address := range addresses {
		place[address] = i
	}
	ordered := slices.Clone(nodes)
	slices.SortStableFunc(ordered, func(a, b *node) int { return place[a.address] - place[b.address] })
	return ordered
}
