// Package faketerraform runs a provider in the test's own process, as Terraform's core
// does: it validates, refreshes, plans, plans again, applies, imports, lists and reads
// data through the provider's protocol server, and keeps a state from run to run. There
// is no process and no network, so a run takes milliseconds and fits into a
// testing/synctest bubble.
//
//	tf, err := faketerraform.New(servers, faketerraform.Attributes{"api_key": "…"})
//	config := faketerraform.Configuration{Resources: map[string]faketerraform.Resource{
//		"d360_blocked_user.a": {Attributes: faketerraform.Attributes{"user": "+4915112345678"}},
//	}}
//	run := tf.Apply(ctx, config, faketerraform.State{})
//	again := tf.Plan(ctx, config, run.State) // again.IsEmpty()
//
// It does the following as Terraform does:
//
//   - Validation, plan and apply each have their own server; the one for validation is
//     not configured. Only the state and the plan go from one to the next.
//   - It walks several instances at a time. One that fails does not stop the others. With
//     a parallelism of one, the order is always the same, unlike in Terraform.
//   - It refreshes an instance and then plans it. It plans a replacement twice, the
//     second time with no prior state and with the private state from the first response.
//     The destroy of a replacement gets what the second plan planned.
//   - In the apply, it plans a creation or an update again, and the two plans must agree.
//   - Errors: a plan with an error is not applied and changes no state. An apply keeps
//     what ApplyResourceChange returned beside the error. A failed create that left a
//     state is tainted.
//   - A response that a provider may not send, such as a plan that contradicts the
//     configuration, is an error with Terraform's own summary.
//
// It does not have: expressions, and with them dependencies between instances; schemas
// with blocks or nested attributes; provisioners, deferral, write-only attributes and
// schema versions. To interrupt a run, cancel its context.
package faketerraform
