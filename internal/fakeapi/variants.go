package fakeapi

// Variants returns formats for clients that know users by number and WhatsApp ID: the zero value, each other value on its
// own, and the combinations that are likeliest or hardest to handle. Together with Variants2026 and HealthVariants, every
// value of every field occurs except OverLimitError and OverLimitHang, with which a client that asks for too much never
// gets a page. Their String forms are distinct, except that HealthVariants has the zero value too.
func Variants() []ResponseFormat {
	variants := []ResponseFormat{{}}
	variants = vary(variants, listShapeNames, func(f *ResponseFormat, v ListShape) { f.List = v })
	variants = vary(variants, listInputNames, func(f *ResponseFormat, v ListInput) { f.Input = v })
	variants = vary(variants, emptyShapeNames, func(f *ResponseFormat, v EmptyShape) { f.Empty = v })
	variants = vary(variants, lastPageNames, func(f *ResponseFormat, v LastPage) { f.LastPage = v })
	variants = vary(variants, removedShapeNames, func(f *ResponseFormat, v RemovedShape) { f.Removed = v })
	variants = vary(variants, rejectionStatusNames, func(f *ResponseFormat, v RejectionStatus) { f.Rejection = v })
	variants = vary(variants, errorShapeNames, func(f *ResponseFormat, v ErrorShape) { f.Error = v })
	variants = vary(variants, echoShapeNames, func(f *ResponseFormat, v EchoShape) { f.Echo = v })
	variants = vary(variants, userIDShapeNames[:UserIDAsBoth], func(f *ResponseFormat, v UserIDShape) { f.UserIDAs = v })
	return append(variants,
		ResponseFormat{FailedWaID: true},
		ResponseFormat{OmitWaID: true},
		ResponseFormat{MaxLimit: 100},
		ResponseFormat{MaxLimit: 100, OverLimit: OverLimitReject},
		ResponseFormat{DefaultLimit: 10},
		// The likeliest on the real API.
		ResponseFormat{List: ListFlat, LastPage: LastPageAfterOnly, Echo: EchoDigits, FailedWaID: true, MaxLimit: 100},
		ResponseFormat{List: ListFlat, LastPage: LastPageNextNever, Empty: EmptyOmitted, UserIDAs: UserIDAsInput},
		ResponseFormat{List: ListNestedGrouped, LastPage: LastPageNextNever, Empty: EmptyNull, Echo: EchoDigits},
		ResponseFormat{Removed: RemovedAsAdded, Rejection: Rejection200, Echo: EchoDigits, FailedWaID: true},
		ResponseFormat{Input: ListInputOmitted, LastPage: LastPageAfterOnly, Removed: RemovedAsAdded, Rejection: Rejection200Error},
	)
}

// Variants2026 returns the formats with Meta's changes of March 2026, in which entries and responses have user IDs, and
// with the ways in which the API or a proxy may end the list. With IgnoreAfter, no scan gets past the first page.
func Variants2026() []ResponseFormat {
	likeliest := ResponseFormat{
		List: ListFlat, UserIDs: UserIDsAlways, UserIDAs: UserIDAsBoth, LastPage: LastPageAfterOnly, Echo: EchoDigits,
		MaxLimit: 100,
	}
	variants := []ResponseFormat{likeliest}
	variants = vary(variants, pastEndNames, func(f *ResponseFormat, v PastEnd) {
		*f = likeliest
		f.PastEnd = v
	})
	variants = vary(variants, pastEndNames, func(f *ResponseFormat, v PastEnd) {
		f.LastPage = LastPageNextNever
		f.PastEnd = v
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
		// A reseller's samples look like this (seen).
		ResponseFormat{List: ListFlat, UserIDs: UserIDsAlways, WriteUserIDs: true, EmptyFailed: true, FailedWaID: true, Rejection: Rejection200},
		ResponseFormat{LastPage: LastPageAfterOnly, IgnoreAfter: true},
		ResponseFormat{List: ListFlat, UserIDs: UserIDsAlways, LastPage: LastPageNextNever, IgnoreAfter: true},
	)
}

// HealthVariants returns a format for each response to a GET of HealthPath.
func HealthVariants() []ResponseFormat {
	return vary([]ResponseFormat{{}}, healthShapeNames, func(f *ResponseFormat, v HealthShape) { f.Health = v })
}

func vary[T ~int](variants []ResponseFormat, names []string, set func(*ResponseFormat, T)) []ResponseFormat {
	for v := 1; v < len(names); v++ {
		var f ResponseFormat
		set(&f, T(v))
		variants = append(variants, f)
	}
	return variants
}
