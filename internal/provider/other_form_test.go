package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

// A number as people write it, and the form that WhatsApp has for the same user,
// which may be all that the list shows.
const (
	typedForm  = "+55 11 98765-4321"
	listedForm = "551187654321"
)

// startOtherForm starts a sandbox whose flat list holds somebody under the other
// form of a number, and that refuses a block of who is blocked, or does not say
// what became of it.
func startOtherForm(t *testing.T, answer sandbox.NoOp) (service *sandbox.Server, config string) {
	t.Helper()
	return startSandbox(t, sandbox.Options{
		Wire:  sandbox.Wire{List: sandbox.ListFlat},
		Rules: sandbox.Rules{AlreadyBlocked: answer},
		WaIDs: map[string]string{"5511987654321": listedForm},
	})
}

// Where a block was refused, nobody is unblocked in the same change who may be the
// same user under another form of the number, whatever the plan has shown.
func TestBulk_otherFormIsNotUnblocked(t *testing.T) {
	for _, answer := range []sandbox.NoOp{sandbox.NoOpRefuse, sandbox.NoOpIgnore} {
		t.Run(answer.String(), func(t *testing.T) {
			for name, more := range map[string]string{"": "", ", allow_pending": "allow_pending = true"} {
				bothBulk(t, func(t *testing.T, kind string) {
					t.Run("rewritten"+name, func(t *testing.T) {
						service, config := startOtherForm(t, answer)
						service.Seed(listedForm)
						listed := config + bulkConfig(kind, map[string]string{"+" + listedForm: "", "+16505550100": ""}, more)
						resource.ParallelTest(t, resource.TestCase{
							ProtoV6ProviderFactories: factories,
							Steps: []resource.TestStep{
								{Config: listed},
								{
									Config: config + bulkConfig(kind, map[string]string{typedForm: "", "+16505550101": ""}, more),
									ExpectError: wraps("Cannot unblock 1 of 2 users", "+"+listedForm,
										"may be the same user as a number that could not be blocked", "nothing was sent for them", "write the number in the form above"),
								},
								{
									PreConfig: func() {
										if err := checkBlocked(service, listedForm, "16505550101")(nil); err != nil {
											t.Error(err)
										}
									},
									Config: config + bulkConfig(kind, map[string]string{"+" + listedForm: "", "+16505550101": ""}, more),
									Check:  checkBlocked(service, listedForm, "16505550101"),
								},
							},
						})
					})
				})
			}
		})
	}
}

// The same goes for a resource that gets another user, which Terraform destroys
// before it creates it anew.
func TestBlockedUser_otherFormIsNotUnblocked(t *testing.T) {
	for _, answer := range []sandbox.NoOp{sandbox.NoOpRefuse, sandbox.NoOpIgnore} {
		t.Run(answer.String(), func(t *testing.T) {
			service, config := startOtherForm(t, answer)
			service.Seed(listedForm)
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: config + blockedUserConfig("+"+listedForm, "")},
					{
						Config:      config + blockedUserConfig(typedForm, ""),
						ExpectError: wraps("Cannot replace +"+listedForm+" by +5511987654321", "differ only in Brazil's ninth digit", "the old one stays", "Keep the number as it was"),
					},
					{
						PreConfig: func() { checkUnblocked(t, service) },
						Config:    config + blockedUserConfig("+"+listedForm, ""),
						Check:     checkBlocked(service, listedForm),
					},
				},
			})
		})
	}
}

func TestBlockedUser_otherFormIsToldByTheService(t *testing.T) {
	for name, test := range map[string]struct {
		waIDs map[string]string
		left  string
	}{
		"one user":  {map[string]string{"5511987654321": listedForm}, listedForm},
		"two users": {nil, "5511987654321"},
	} {
		t.Run(name, func(t *testing.T) {
			service, config := startSandbox(t, sandbox.Options{Wire: sandbox.Wire{List: sandbox.ListFlat}, WaIDs: test.waIDs})
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{
					{Config: config + blockedUserConfig("+"+listedForm, "")},
					{Config: config + blockedUserConfig(typedForm, ""), Check: checkBlocked(service, test.left)},
				},
			})
		})
	}
}

// Where it is not refused, it is one user, or two, and the service tells.
func TestBulk_otherFormIsToldByTheService(t *testing.T) {
	service, config := startOtherForm(t, sandbox.NoOpAccept)
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config + bulkConfig(additive, map[string]string{"+" + listedForm: "", "+52 1 55 4163 7145": ""})},
			{
				Config: config + bulkConfig(additive, map[string]string{typedForm: "", "+52 55 4163 7145": ""}),
				Check:  checkBlocked(service, listedForm, "525541637145"),
			},
		},
	})
}

// Somebody who is not found under one form of the number is told to be on the list
// under the other.
func TestOtherFormIsTold(t *testing.T) {
	hint := []string{"The list holds numbers that may be of the same user", "+" + listedForm, "(Brazil's ninth digit)", "write the number in the form that the list has"}
	says := func(texts ...string) []string { return append(texts, hint...) }
	for name, test := range map[string]struct {
		config string
		says   []string
	}{
		"block":          {blockedUserConfig(typedForm, ""), says("Cannot block " + typedForm)},
		"bulk block":     {bulkConfig(additive, map[string]string{typedForm: ""}), says("Cannot block 1 of 1 user")},
		"import":         {blockedUserConfig(typedForm, "") + "import {\n  to = " + spammer + "\n  id = \"5511987654321\"\n}\n", says("Cannot import 5511987654321: not blocked")},
		"import of some": {bulkConfig(additive, map[string]string{typedForm: ""}) + "import {\n  to = " + additive + ".abuse\n  id = \"5511987654321\"\n}\n", says("Cannot import 1 user: not blocked")},
	} {
		t.Run(name, func(t *testing.T) {
			service, config := startOtherForm(t, sandbox.NoOpRefuse)
			service.Seed(listedForm)
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: config + test.config, ExpectError: wraps(test.says...)}},
			})
		})
	}
}

// What a resource has learned of a user serves a data source that asks for the
// same number.
func TestBlockedUserDataSource_otherForm(t *testing.T) {
	_, config := startOtherForm(t, sandbox.NoOpAccept)
	config += blockedUserConfig(typedForm, "") + "data \"d360_blocked_user\" \"same\" {\n  user = " + spammer + ".user\n}\n"
	blocked := []statecheck.StateCheck{statecheck.ExpectKnownValue("data.d360_blocked_user.same", tfjsonpath.New("blocked"), knownvalue.Bool(true))}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: blocked},
			{Config: config, ConfigStateChecks: blocked},
		},
	})
}

// Nobody tells a data source of a number that no state holds.
func TestBlockedUserDataSource_otherFormAlone(t *testing.T) {
	service, config := startOtherForm(t, sandbox.NoOpAccept)
	service.Seed(listedForm)
	work := startWorkspace(t)
	config = requiredProviders + config + "data \"d360_blocked_user\" \"one\" {\n  user = \"" + typedForm + "\"\n}\n"
	run(t, work, config, "init", "-no-color")
	output := run(t, work, config, "plan", "-no-color")
	if !wraps("Warning: "+typedForm+" (5511987654321) may be blocked under another form of the number", "The list holds numbers that may be of the same user", "+"+listedForm+", for +5511987654321").MatchString(output) {
		t.Errorf("the plan says:\n%s", output)
	}
}
