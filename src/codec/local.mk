noinst_LIBRARIES += libcodec.a
libcodec_a_SOURCES = \
	src/codec/msisdn.h \
	src/codec/receipt.h \
	src/codec/smpp_pdu.h \
	src/codec/text.h
