# The integration tests are not in TESTS: they need redis-server and Python, and take minutes.
# scripts/test runs them against the plain and the sanitizer build; so does `make check-integration`.
EXTRA_DIST += \
	tests/integration/harness.py \
	tests/integration/hindi.py \
	tests/integration/prometheus.yaml \
	tests/integration/provider.py \
	tests/integration/proxy.py \
	tests/integration/resp.py \
	tests/integration/run.py \
	tests/integration/sim.py \
	tests/integration/smpp.py \
	tests/integration/smsc.py \
	tests/integration/stack.py \
	tests/integration/talk.py \
	tests/integration/tls_front.py \
	tests/integration/test_accept.py \
	tests/integration/test_away.py \
	tests/integration/test_bad_input.py \
	tests/integration/test_conversation.py \
	tests/integration/test_conversation_files.py \
	tests/integration/test_crash.py \
	tests/integration/test_ctl.py \
	tests/integration/test_errors.py \
	tests/integration/test_events.py \
	tests/integration/test_dlt.py \
	tests/integration/test_kannel.py \
	tests/integration/test_link.py \
	tests/integration/test_link_faults.py \
	tests/integration/test_lost_ack.py \
	tests/integration/test_ops.py \
	tests/integration/test_peers.py \
	tests/integration/test_person.py \
	tests/integration/test_otp.py \
	tests/integration/test_proxy.py \
	tests/integration/test_receipts.py \
	tests/integration/test_refused.py \
	tests/integration/test_reload.py \
	tests/integration/test_redis_returns.py \
	tests/integration/test_reminders.py \
	tests/integration/test_routes.py \
	tests/integration/test_run.py \
	tests/integration/test_runner.py \
	tests/integration/test_schemes.py \
	tests/integration/test_sim.py \
	tests/integration/test_scrub.py \
	tests/integration/test_smpp.py \
	tests/integration/test_sms_http.py \
	tests/integration/test_sms_parts.py \
	tests/integration/test_smsc.py \
	tests/integration/test_text.py \
	tests/integration/test_ussd_http.py \
	tests/integration/test_ussd_ends.py \
	tests/integration/test_ussd_many.py \
	tests/integration/test_ussd_push.py \
	tests/integration/test_ussd_late.py \
	tests/integration/test_ussd_smpp.py \
	tests/integration/test_version.py \
	tests/integration/test_tls.py \
	tests/integration/test_try.py \
	tests/integration/test_two_backends.py \
	tests/integration/ussd.py

check-integration: all
	DK_SRCDIR='$(abs_top_srcdir)' DK_BUILDDIR='$(abs_top_builddir)' \
	  python3 $(srcdir)/tests/integration/run.py $(PATTERN)
.PHONY: check-integration
