import { index, route, type RouteConfig } from "@react-router/dev/routes";

export default [
  index("routes/home.tsx"),
  route("auth/*", "routes/auth.ts"),
  route("other", "routes/other.tsx"),
  route("sign-in", "routes/sign_in.tsx"),
  route("sign-out", "routes/sign_out.ts"),
] satisfies RouteConfig;
