package faketerraform

import "slices"

type node struct {
	address string
	// after must succeed first, if it is not nil.
	after *node
	// do reports success.
	do func() bool

	// done and failed are for walk.
	done, failed bool
}

// walk runs all nodes, at most Parallelism at once. It always starts the first node that
// does not wait for another one.
func (tf *Terraform) walk(nodes []*node) {
	left := tf.ordered(nodes)
	type outcome struct {
		node   *node
		failed bool
	}
	finished := make(chan outcome)
	for busy := 0; busy > 0 || len(left) > 0; {
		left = slices.DeleteFunc(left, func(n *node) bool {
			n.failed = n.after != nil && n.after.failed
			n.done = n.failed
			return n.failed
		})
		next := slices.IndexFunc(left, func(n *node) bool { return n.after == nil || n.after.done })
		if next < 0 || busy == tf.Parallelism {
			if busy == 0 {
				continue
			}
			o := <-finished
			o.node.done, o.node.failed = true, o.failed
			busy--
			continue
		}
		n := left[next]
		left = slices.Delete(left, next, next+1)
		busy++
		go func() {
			finished <- outcome{n, !n.do()}
		}()
	}
}

// ordered sorts nodes by Order, each directly after the one that it waits for. Without
// Order, nodes that wait come last.
func (tf *Terraform) ordered(nodes []*node) []*node {
	ordered := slices.Clone(nodes)
	if tf.Order == nil {
		slices.SortStableFunc(ordered, func(a, b *node) int {
			switch {
			case a.after == nil && b.after != nil:
				return -1
			case a.after != nil && b.after == nil:
				return 1
			default:
				return 0
			}
		})
		return ordered
	}
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
	slices.SortStableFunc(ordered, func(a, b *node) int { return place[a.address] - place[b.address] })
	return ordered
}
