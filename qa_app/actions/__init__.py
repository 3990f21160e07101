"""What people do: load → authorise → change → return. No Streamlit here, so that tests can do it too."""
