"""One page a file; the frame (qa_app/main.py) runs them. Each asks who is there and checks the right."""
