# etc
examplesdir = $(docdir)/examples
dist_examples_DATA = etc/dakiyad.yaml etc/dakiyad.service
