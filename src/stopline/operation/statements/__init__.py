"""What is said in public: drafted, agreed by those who must, released in time, corrected openly."""
