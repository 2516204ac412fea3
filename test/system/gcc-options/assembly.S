	.data
value:	.long VALUE
