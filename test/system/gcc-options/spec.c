int spec = SPEC;
