create domain latchkey.webhook_secret as text
  constraint webhook_secret_is_whsec_and_base64_of_24_to_64_bytes check (
    case
      when value ~ '^whsec_([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$'
        then octet_length(decode(substr(value, length('whsec_') + 1), 'base64')) between 24 and 64
      else value is null
    end
  );
comment on domain latchkey.webhook_secret is
  'A secret that signs webhooks, as the Standard Webhooks specification writes it.';
comment on constraint webhook_secret_is_whsec_and_base64_of_24_to_64_bytes on domain latchkey.webhook_secret is
  'The size that the specification asks for.';
