"""What is measured. Each module says which rows of the table it fills (`ROWS`) and how."""
