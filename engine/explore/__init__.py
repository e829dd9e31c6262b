"""Many runs of one policy over one capture: under which adversity does a rule break, and how little of it suffices?"""
