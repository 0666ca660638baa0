package d360_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// bodyCase is the body of a response to a listing and to a write.
type bodyCase struct {
	name string
	// status is the HTTP status, 200 if zero.
	status int
	// list and write are the bodies, or both for the two of them.
	list, write, both string
	// wantList and wantWrite are the outcomes, or want for the two of them.
	wantList, wantWrite, want string
	// rejected is set if the client tries all three page sizes.
	rejected bool
}

const (
	oneMissing  = "4915112345678 missing\n16505551234 done"
	bothMissing = "4915112345678 missing\n16505551234 missing"
	tooMany     = "invalid response: the response holds more than 512000 values"
)

func bodyCases() []bodyCase {
	return []bodyCase{
		// What is around the value.
		{name: "blanks around", list: " \r\n\t" + goodListBody + " \r\n", write: "\n\n" + goodWriteBody + "\t", wantList: goodList, wantWrite: goodWrite},
		{name: "a byte order mark", list: "\ufeff" + goodListBody, write: "\ufeff" + goodWriteBody, wantList: noList, wantWrite: noObject},
		{name: "UTF-16", list: utf16(goodListBody), write: utf16(goodWriteBody), wantList: noList, wantWrite: noObject},
		{name: "a zero byte at the end", list: goodListBody + "\x00", write: goodWriteBody + "\x00", wantList: noList, wantWrite: noObject},
		{name: "words after it", list: goodListBody + "ok", write: goodWriteBody + "ok", wantList: noList, wantWrite: noObject},
		{name: "two values", list: goodListBody + goodListBody, write: goodWriteBody + goodWriteBody, wantList: noList, wantWrite: noObject},
		{name: "two lines", list: goodListBody + "\n" + goodListBody, write: goodWriteBody + "\n" + goodWriteBody, wantList: noList, wantWrite: noObject},
		{name: "a prefix against scripts", list: ")]}',\n" + goodListBody, write: ")]}',\n" + goodWriteBody, wantList: noList, wantWrite: noObject},
		{name: "a callback", list: "f(" + goodListBody + ")", write: "f(" + goodWriteBody + ")", wantList: noList, wantWrite: noObject},
		{name: "inside a text", list: fmt.Sprintf("%q", goodListBody), write: fmt.Sprintf("%q", goodWriteBody), wantList: noList, wantWrite: noObject},
		{name: "inside a list", list: "[" + goodListBody + "]", write: "[" + goodWriteBody + "]", wantList: noList, wantWrite: noObject},
		{name: "a web page", both: "<!doctype html><title>" + testKey + "\x1b[2J</title>", want: "invalid response: the response is invalid: it is a web page"},
		{name: "a comment", list: "/* users */" + goodListBody, write: goodWriteBody + "// users", wantList: noList, wantWrite: noObject},
		{name: "a comma too many", list: `{"data":[{"wa_id":"16505551234"},]}`, write: `{"block_users":{"added_users":[{"input":"+4915112345678"},]}}`, wantList: noList, wantWrite: noObject},
		{name: "NaN", list: `{"data":[],"x":NaN}`, write: `{"x":NaN}`, wantList: noList, wantWrite: noObject},

		// Names.
		{
			name: "another case", list: `{"Data":[{"wa_id":"16505551234"}],"PAGING":{"Next":""}}`, wantList: goodList,
			write: strings.ToUpper(goodWriteBody), wantWrite: bothMissing,
		},
		{name: "users in another case", list: `{"data":[{"WA_ID":"16505551234"}]}`, write: strings.ReplaceAll(goodWriteBody, "input", "Input"), wantList: unnamedEntry, wantWrite: bothMissing},
		{name: "a name in two cases", list: `{"data":[{"wa_id":"16505551234"}],"Data":[]}`, wantList: noList, write: `{"block_users":{"added_users":[],"ADDED_USERS":[{"input":"+16505551234"}]}}`, wantWrite: bothMissing},
		{name: "paging that only differs in case", list: `{"data":[{"wa_id":"16505551234"}],"Paging":{"Cursors":{},"Next":"x"}}`, wantList: "pagination loop: the list cannot be read to its end: a page announced more users and has no cursor", write: goodWriteBody, wantWrite: goodWrite},
		{name: "an error that only differs in case", both: `{"data":[],"Error":{"code":190}}`, wantList: "unauthorized: no reason was given (code 190)", wantWrite: bothMissing},
		{name: "escaped names", list: `{"d\u0061ta":[{"wa\u005fid":"1650555\u00312\u00334"}]}`, write: strings.ReplaceAll(goodWriteBody, "input", `\u0069nput`), wantList: goodList, wantWrite: goodWrite},
		{name: "a name twice, once escaped", list: `{"data":[],"d\u0061ta":[]}`, write: `{"block_users":null,"block\u005fusers":{}}`, wantList: noList, wantWrite: noObject},
		{name: "a name twice in a user", list: `{"data":[{"wa_id":"16505551234","wa_id":"16505551234"}]}`, write: `{"block_users":{"added_users":[{"input":"+16505551234","input":"+4915112345678"}]}}`, wantList: noList, wantWrite: noObject},
		{name: "a name twice, deep in unknown members", both: `{"data":[],"x":[{"y":{"z":1,"z":2}}]}`, wantList: noList, wantWrite: noObject},
		{name: "an empty name", both: `{"data":[],"":[]}`, wantList: "empty", wantWrite: bothMissing},
		{name: "a prototype", both: `{"data":[],"__proto__":{"x":1},"constructor":{}}`, wantList: "empty", wantWrite: bothMissing},

		// Nulls and other types.
		{name: "nulls", list: `{"data":null,"paging":null,"error":null,"meta":null,"messaging_product":null}`, write: `{"messaging_product":null,"block_users":null,"error":null,"meta":null}`, wantList: "empty", wantWrite: bothMissing},
		{name: "nulls inside", list: `{"data":[],"paging":{"cursors":null,"next":null}}`, write: `{"block_users":{"added_users":null,"removed_users":null,"failed_users":null}}`, wantList: "empty", wantWrite: bothMissing},
		{name: "null users", list: `{"data":[null]}`, write: `{"block_users":{"added_users":[null,null],"failed_users":[null]}}`, wantList: unnamedEntry, wantWrite: bothMissing},
		{name: "users of nulls", list: `{"data":[{"input":null,"wa_id":null,"user_id":null}]}`, write: `{"block_users":{"added_users":[{"input":null,"wa_id":null}],"failed_users":[{"input":null,"errors":null}]}}`, wantList: unnamedEntry, wantWrite: bothMissing},
		{name: "an error that is false", both: `{"data":[],"error":false}`, want: "rejected: false", rejected: true},
		{name: "an error that is a list", both: `{"data":[],"error":[{"code":190}]}`, wantList: noList, wantWrite: noObject},
		{name: "meta that is a text", both: `{"data":[],"meta":"fine"}`, wantList: noList, wantWrite: noObject},
		{name: "objects in place of lists", list: `{"data":{"0":{"wa_id":"16505551234"}}}`, write: `{"block_users":{"added_users":{"0":{"input":"+16505551234"}}}}`, wantList: noList, wantWrite: noObject},
		{name: "texts in place of users", list: `{"data":["16505551234"]}`, write: `{"block_users":{"added_users":["+16505551234"]}}`, wantList: noList, wantWrite: noObject},
		{name: "lists in place of texts", list: `{"data":[{"wa_id":["16505551234"]}]}`, write: `{"block_users":{"added_users":[{"input":["+16505551234"]}]}}`, wantList: noList, wantWrite: noObject},

		// Numbers in place of texts.
		{name: "whole numbers", list: `{"data":[{"wa_id":16505551234}]}`, write: `{"block_users":{"added_users":[{"input":4915112345678},{"wa_id":16505551234}]}}`, wantList: goodList, wantWrite: "4915112345678 done\n16505551234 done as 16505551234"},
		// Its digits would be 165055512340.
		{name: "a number with a fraction", list: `{"data":[{"wa_id":16505551234.0}]}`, write: `{"block_users":{"added_users":[{"input":16505551234.0}]}}`, wantList: noList, wantWrite: noObject},
		{name: "a number with an exponent", list: `{"data":[{"wa_id":1.6505551234e10}]}`, write: `{"block_users":{"added_users":[{"input":16505551234E0}]}}`, wantList: noList, wantWrite: noObject},
		{name: "a number below zero", list: `{"data":[{"wa_id":-16505551234}]}`, write: `{"block_users":{"added_users":[{"input":-16505551234}]}}`, wantList: noList, wantWrite: noObject},
		{name: "a number beyond all users", list: `{"data":[{"wa_id":` + repeat('9', 400) + `}]}`, write: `{"block_users":{"added_users":[{"input":` + repeat('9', 400) + `}]}}`, wantList: unnamedEntry, wantWrite: bothMissing},
		{name: "a number that needs a wide exponent", both: `{"data":[],"x":1e` + repeat('9', 400) + `}`, wantList: "empty", wantWrite: bothMissing},
		{name: "booleans for users", list: `{"data":[{"wa_id":true}]}`, write: `{"block_users":{"added_users":[{"input":true}]}}`, wantList: unnamedEntry, wantWrite: bothMissing},
		{name: "a code with a fraction", status: 403, both: `{"error":{"code":131047.5,"message":"no"}}`, want: "forbidden: no (HTTP 403)"},
		{name: "a code with an exponent", status: 403, both: `{"error":{"code":1.31047e5,"message":"no"}}`, want: "forbidden: no (HTTP 403)"},
		{name: "a code beyond all codes", status: 403, both: `{"error":{"code":` + repeat('9', 400) + `,"message":"no"}}`, want: "forbidden: no (HTTP 403)"},
		{name: "a code below zero", status: 403, both: `{"error":{"code":-1,"message":"no"}}`, want: "forbidden: no (code -1, HTTP 403)"},
		{name: "a code with blanks", status: 403, both: `{"error":{"code":" 190 ","message":"no"}}`, want: "forbidden: no (HTTP 403)"},
		{name: "a status beyond all", status: 400, both: `{"meta":{"http_code":` + repeat('9', 400) + `,"developer_message":"no"}}`, want: "rejected: no (HTTP 400)", rejected: true},
		{name: "a status below zero", status: 400, both: `{"meta":{"http_code":-500,"developer_message":"no"}}`, want: "rejected: no (HTTP 400)", rejected: true},

		// Texts.
		{name: "half a surrogate", list: `{"data":[{"input":"+1650555\ud8001234"}]}`, write: `{"block_users":{"added_users":[{"input":"+1650555\udc001234"}]}}`, wantList: noList, wantWrite: noObject},
		{name: "half a character", list: "{\"data\":[{\"input\":\"\xc3\"}]}", write: "{\"block_users\":{\"added_users\":[{\"input\":\"\xe2\x82\"}]}}", wantList: noList, wantWrite: noObject},
		{name: "invisible letters in a number", list: `{"data":[{"wa_id":"1650\u200b5551234"}]}`, write: `{"block_users":{"added_users":[{"input":"+1650\u202e5551234"},{"input":"\u0000+4915112345678"}]}}`, wantList: unnamedEntry, wantWrite: bothMissing},
		{name: "letters that turn the line around", list: `{"data":[{"input":"\u202e\u001b[31m+49\u0007"}]}`, wantList: "[31m+49", write: goodWriteBody, wantWrite: goodWrite},
		{name: "digits of another script", list: `{"data":[{"wa_id":"١٦٥٠٥٥٥١٢٣٤"}]}`, write: `{"block_users":{"added_users":[{"input":"١٦٥٠٥٥٥١٢٣٤"}]}}`, wantList: unnamedEntry, wantWrite: bothMissing},
		{name: "an error of a megabyte", status: 403, both: `{"error":{"message":"` + repeat('x', 1<<20) + `","error_data":{"details":"` + repeat('y', 1<<20) + `"},"fbtrace_id":"` + repeat('z', 1<<20) + `"}}`, want: "forbidden: xxx…"},
		{name: "the key in every text", status: 403, both: `{"error":{"message":"` + testKey + `","error_data":{"details":"d` + testKey + `"},"fbtrace_id":"` + testKey + `"}}`, want: "forbidden: (the API key): d(the API key) (HTTP 403, trace (the API key))"},
		{name: "a title, colours and a bell", status: 403, both: `{"error":"\u001b]0;owned\u0007\u001b[31;1mred\u009b2J\r\b\u2028\u200f"}`, want: "forbidden: ]0;owned [31;1mred 2J (HTTP 403)"},
		{name: "an error that says another one", status: 403, both: `{"error":"(#190) (#131047) (#99999999999)"}`, want: "unauthorized: (#190) (#131047) (#99999999999) (code 190, HTTP 403)"},

		// Depth and number.
		{name: "depth in unknown members", list: `{"x":` + nest(9_000) + `,` + goodListBody[1:], write: `{"x":` + nest(9_000) + `,` + goodWriteBody[1:], wantList: goodList, wantWrite: goodWrite},
		{name: "more depth", list: `{"x":` + nest(11_000) + `,` + goodListBody[1:], write: `{"x":` + nest(11_000) + `,` + goodWriteBody[1:], wantList: noList, wantWrite: noObject},
		{name: "depth without a bottom", both: repeat('[', 1<<20), wantList: noList, wantWrite: noObject},
		{name: "objects without a bottom", both: strings.Repeat(`{"a":`, 1<<18), wantList: noList, wantWrite: noObject},
		{name: "too many empty items", list: `{"data":[` + strings.Repeat("0,", 600_000) + `0]}`, write: `{"block_users":{"added_users":[` + strings.Repeat("0,", 600_000) + `0]}}`, want: tooMany},
		{name: "too many empty users", list: `{"data":[` + strings.Repeat("{},", 600_000) + `{}]}`, write: `{"block_users":{"failed_users":[` + strings.Repeat("{},", 600_000) + `{}]}}`, want: tooMany},
		{name: "too many reasons", list: goodListBody, wantList: goodList, write: `{"block_users":{"failed_users":[{"input":"+16505551234","errors":[` + strings.Repeat(`"x",`, 600_000) + `"x"]}]}}`, wantWrite: tooMany},
		{name: "many reasons", list: goodListBody, wantList: goodList, write: `{"block_users":{"failed_users":[{"input":"+16505551234","errors":[` + strings.Repeat(`"x",`, 100_000) + `"y"]}]}}`, wantWrite: "4915112345678 missing\n16505551234 rejected: x"},
		{name: "many empty users", list: `{"data":[` + strings.Repeat("{},", 100_000) + `{}]}`, write: `{"block_users":{"added_users":[` + strings.Repeat("{},", 100_000) + `{"input":"+16505551234"}]}}`, wantList: unnamedEntry, wantWrite: oneMissing},
		{name: "many groups", list: `{"data":[` + strings.Repeat(`{"block_users":[]},`, 100_000) + `{"wa_id":"16505551234"}]}`, wantList: goodList, write: goodWriteBody, wantWrite: goodWrite},
		{name: "too many unknown members", both: `{"data":[]` + unknownMembers(600_000) + `}`, want: tooMany},
		{name: "many unknown members", both: `{"data":[]` + unknownMembers(100_000) + `}`, wantList: "empty", wantWrite: bothMissing},
		{name: "a web page of commas", status: 502, both: "<html>" + strings.Repeat(",", 600_000), want: tooMany + " (HTTP 502)"},
	}
}

func nest(depth int) string { return repeat('[', depth) + repeat(']', depth) }

// members are n members, each with a name of its own.
func unknownMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%x":0`, i)
	}
	return b.String()
}

// utf16 encodes ASCII text.
func utf16(s string) string { return "\xff\xfe" + strings.Join(strings.Split(s, ""), "\x00") + "\x00" }

func TestHostile_json(t *testing.T) {
	t.Parallel()

	for _, test := range bodyCases() {
		for _, method := range methods {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()

				s := always(response{status: test.status, body: forMethod(method, test.list, test.write) + test.both})
				want := forMethod(method, test.wantList, test.wantWrite) + test.want
				checkOutcome(t, outcome(t, clientOf(t, s), method), want)
				requests := 1
				if test.rejected && method == http.MethodGet {
					requests = 3
				}
				if n := len(s.received()); n != requests {
					t.Errorf("%d requests, want %d", n, requests)
				}
			})
		}
	}
}

// A success that names no one is not a result for the only user of the request.
func TestHostile_oneUser(t *testing.T) {
	t.Parallel()

	for body, want := range map[string]string{
		`{}`:                                   "missing",
		`{"wa_id":""}`:                         "missing",
		`{"wa_id":"me"}`:                       "missing",
		`{"wa_id":"12"}`:                       "missing",
		`{"input":null,"wa_id":null}`:          "missing",
		`null`:                                 "missing",
		`{"messaging_product":"whatsapp"}`:     "missing",
		`{"input":"me","wa_id":"16505551234"}`: "missing",
		`{"wa_id":"16505551234"}`:              "done as 16505551234",
	} {
		for _, method := range writeMethods {
			client := clientOf(t, always(response{body: `{"block_users":{"added_users":[` + body + `]}}`}))
			write := writeOf(client, method)
			results, err := write(t.Context(), users("+4915112345678"))
			if got, want := renderResults(t, results, err), "4915112345678 "+want; got != want {
				t.Errorf("%s, %s: got %s, want %s", method, body, got, want)
			}
		}
	}
}
