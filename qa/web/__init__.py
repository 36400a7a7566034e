"""The web app: Gradio widgets over the assistant, nothing else."""
