// Package acctest holds what acceptance and system tests share: a fake API for
// one test, a real or an in-process Terraform that uses it, and configurations.
package acctest
