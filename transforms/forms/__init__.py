"""One module a document form: bytes in, plain text and page metadata out."""
