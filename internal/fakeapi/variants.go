package fakeapi

// Variants gives a set of wires for clients that know users by number and WhatsApp ID: the zero value, each other value
// on its own, and the combinations that are likeliest or most awkward on the real service. Together with Variants2026
// and HealthVariants, every value of every field occurs but for OverLimitError and OverLimitHang, under which a client
// that asks for too much never gets a page. The String forms of all of them are distinct, but for the zero value, which
// HealthVariants has too.
func Variants() []ResponseFormat {
	variants := []ResponseFormat{{}}
	variants = vary(variants, listShapeNames, func(w *ResponseFormat, v ListShape) { w.List = v })
	variants = vary(variants, listInputNames, func(w *ResponseFormat, v ListInput) { w.Input = v })
	variants = vary(variants, emptyShapeNames, func(w *ResponseFormat, v EmptyShape) { w.Empty = v })
	variants = vary(variants, lastPageNames, func(w *ResponseFormat, v LastPage) { w.LastPage = v })
	variants = vary(variants, removedShapeNames, func(w *ResponseFormat, v RemovedShape) { w.Removed = v })
	variants = vary(variants, rejectionStatusNames, func(w *ResponseFormat, v RejectionStatus) { w.Rejection = v })
	variants = vary(variants, errorShapeNames, func(w *ResponseFormat, v ErrorShape) { w.Error = v })
	variants = vary(variants, echoShapeNames, func(w *ResponseFormat, v EchoShape) { w.Echo = v })
	variants = vary(variants, userIDShapeNames[:UserIDAsBoth], func(w *ResponseFormat, v UserIDShape) { w.UserIDAs = v })
	return append(variants,
		ResponseFormat{FailedWaID: true},
		ResponseFormat{OmitWaID: true},
		ResponseFormat{MaxLimit: 100},
		ResponseFormat{MaxLimit: 100, OverLimit: OverLimitReject},
		ResponseFormat{DefaultLimit: 10},
		// The likeliest on the real service.
		ResponseFormat{List: ListFlat, LastPage: LastPageAfterOnly, Echo: EchoDigits, FailedWaID: true, MaxLimit: 100},
		ResponseFormat{List: ListFlat, LastPage: LastPageNextNever, Empty: EmptyOmitted, UserIDAs: UserIDAsInput},
		ResponseFormat{List: ListNestedGrouped, LastPage: LastPageNextNever, Empty: EmptyNull, Echo: EchoDigits},
		ResponseFormat{Removed: RemovedAsAdded, Rejection: Rejection200, Echo: EchoDigits, FailedWaID: true},
		ResponseFormat{Input: ListInputOmitted, LastPage: LastPageAfterOnly, Removed: RemovedAsAdded, Rejection: Rejection200Error},
	)
}

// Variants2026 gives the wires with Meta's changes of March 2026, by which entries and responses carry user IDs, and
// with the ends of the list that the API or a proxy may cause. With IgnoreAfter, no scan gets past the first page.
func Variants2026() []ResponseFormat {
	likeliest := ResponseFormat{
		List: ListFlat, UserIDs: UserIDsAlways, UserIDAs: UserIDAsBoth, LastPage: LastPageAfterOnly, Echo: EchoDigits,
		MaxLimit: 100,
	}
	variants := []ResponseFormat{likeliest}
	variants = vary(variants, pastEndNames, func(w *ResponseFormat, v PastEnd) {
		*w = likeliest
		w.PastEnd = v
	})
	variants = vary(variants, pastEndNames, func(w *ResponseFormat, v PastEnd) {
		w.LastPage = LastPageNextNever
		w.PastEnd = v
	})
	return append(variants,
		ResponseFormat{UserIDs: UserIDsAlways},
		ResponseFormat{UserIDAs: UserIDAsBoth},
		ResponseFormat{WriteUserIDs: true},
		ResponseFormat{EmptyFailed: true},
		ResponseFormat{List: ListFlat, UserIDs: UserIDsAlways, ParentUserIDs: true, LastPage: LastPageNextNever},
		ResponseFormat{List: ListNestedGrouped, UserIDs: UserIDsAlways, ParentUserIDs: true, UserIDAs: UserIDAsInput},
		ResponseFormat{Input: ListInputOmitted, UserIDs: UserIDsAlways, LastPage: LastPageAfterOnly, Removed: RemovedAsAdded},
		ResponseFormat{OmitWaID: true, UserIDs: UserIDsAlways, WriteUserIDs: true, Rejection: Rejection200Error},
		// In the way of a reseller's samples (seen).
		ResponseFormat{List: ListFlat, UserIDs: UserIDsAlways, WriteUserIDs: true, EmptyFailed: true, FailedWaID: true, Rejection: Rejection200},
		ResponseFormat{LastPage: LastPageAfterOnly, IgnoreAfter: true},
		ResponseFormat{List: ListFlat, UserIDs: UserIDsAlways, LastPage: LastPageNextNever, IgnoreAfter: true},
	)
}

// HealthVariants gives the zero value and each other response to a GET of HealthPath.
func HealthVariants() []ResponseFormat {
	return vary([]ResponseFormat{{}}, healthShapeNames, func(w *ResponseFormat, v HealthShape) { w.Health = v })
}

func vary[T ~int](variants []ResponseFormat, names []string, set func(*ResponseFormat, T)) []ResponseFormat {
	for v := 1; v < len(names); v++ {
		var w ResponseFormat
		set(&w, T(v))
		variants = append(variants, w)
	}
	return variants
}
