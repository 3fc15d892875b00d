"""The project itself: import directions, documents, growth, the runner of the laws."""
