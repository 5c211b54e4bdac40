export { action, loader } from "supabase-latchkey/react-router";
