// Package faketerraform runs a provider in the test's own process, in the way in
// which Terraform's core does: it validates, refreshes, plans, plans once more
// and applies, imports, lists and reads data through the provider's protocol
// server, and keeps a state from run to run. There is no process to start and no
// network, so that a run takes milliseconds, and fits into a testing/synctest
// bubble, where all that waits costs no time.
//
//	tf, err := faketerraform.New(servers, faketerraform.Attributes{"api_key": "…"})
//	config := faketerraform.Configuration{Resources: map[string]faketerraform.Resource{
//		"d360_blocked_user.a": {Attributes: faketerraform.Attributes{"user": "+4915112345678"}},
//	}}
//	run := tf.Apply(ctx, config, faketerraform.State{})
//	again := tf.Plan(ctx, config, run.State) // again.IsEmpty()
//
// What it does as Terraform does:
//
//   - Validation, plan and apply each have a server of their own, configured
//     anew but for validation. Nothing but the state and the plan goes from one to the next.
//   - Instances are walked several at a time. One that fails does not keep others
//     from being done. One by one, they come always in the same order, where
//     Terraform has none.
//   - An instance is refreshed and then planned; a replacement is planned twice,
//     the second time with no prior state and the private state that the first
//     answered. Its destroy gets what the second planned.
//   - What is created or updated is planned again in the apply, just before, and
//     the two plans have to agree.
//   - Errors: a plan with one is not applied, and changes no state. An apply keeps
//     what ApplyResourceChange returned beside the error, and a create that failed
//     with a state is tainted.
//   - What a provider may not answer, such as a plan that contradicts the
//     configuration, is an error with Terraform's own summary.
//
// What it leaves out: expressions, and with them dependencies between instances;
// schemas with blocks or nested attributes; provisioners, deferral, write-only
// attributes and schema versions. A context that ends stands for Terraform's
// interrupt.
package faketerraform
