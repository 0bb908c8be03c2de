# Tests of pages in a real browser; tests/integration/run.py runs them with the others.
EXTRA_DIST += \
	tests/web/handset.py \
	tests/web/test_desk.py \
	tests/web/test_handset.py \
	tests/web/test_webdriver.py \
	tests/web/webdriver.py
