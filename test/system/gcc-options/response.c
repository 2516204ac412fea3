const char *text = TEXT;
int other = OTHER;
