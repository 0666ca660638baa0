package userid

import (
	"fmt"
	"strconv"

	"github.com/nyaruka/phonenumbers"
)

// maxCallingCode is how many digits a country calling code has at most.
const maxCallingCode = 3

// ImpossibleLength says what is wrong with a number if its country has no numbers of
// that length. It is empty for all other IDs, and for numbers that have an alternate
// form, because WhatsApp uses both lengths.
//
// This hints at a typo and proves nothing: numbering plans change, and the copy of
// them in this program does not.
func (id ID) ImpossibleLength() string {
	if other, _ := id.AlternateForm(); !id.IsNumber() || !other.IsZero() {
		return ""
	}
	code, local, ok := id.splitCallingCode()
	if !ok {
		return ""
	}
	switch phonenumbers.IsPossibleNumberWithReason(phoneNumber(code, local)) {
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return fmt.Sprintf("too short for +%d", code)
	case phonenumbers.TOO_LONG:
		return fmt.Sprintf("too long for +%d", code)
	case phonenumbers.INVALID_LENGTH:
		return fmt.Sprintf("no number of +%d has this length", code)
	default:
		return ""
	}
}

// splitCallingCode splits a number after its country calling code. It is not ok if
// no country has such a code.
func (id ID) splitCallingCode() (code int, local string, ok bool) {
	for digits := 1; digits <= maxCallingCode && digits < len(id.canonical); digits++ {
		code, err := strconv.Atoi(id.canonical[:digits])
		if err == nil && phonenumbers.GetRegionCodeForCountryCode(code) != phonenumbers.UNKNOWN_REGION {
			return code, id.canonical[digits:], true
		}
	}
	return 0, "", false
}

// phoneNumber builds the library's number. The library's parser would drop digits
// that look like a trunk prefix, but the API gets them.
func phoneNumber(code int, local string) *phonenumbers.PhoneNumber {
	number := &phonenumbers.PhoneNumber{}
	callingCode := int32(code) // It has three digits at most.
	number.CountryCode = &callingCode
	zeros := int32(0)
	for int(zeros) < len(local)-1 && local[zeros] == '0' {
		zeros++
	}
	if hasZeros := zeros > 0; hasZeros {
		number.ItalianLeadingZero, number.NumberOfLeadingZeros = &hasZeros, &zeros
	}
	national, _ := strconv.ParseUint(local, 10, 64) // It has 14 digits at most.
	number.NationalNumber = &national
	return number
}
