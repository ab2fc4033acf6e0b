"""Who may use Linkhold: accounts, passwords, sessions, tokens, invitations, the brake on guessing."""
